struct Entry<K, V> {
    key: K,
    value: V,
    used: u64,
}

pub struct Recent<K, V> {
    room: usize,
    now: u64,
    entries: Vec<Entry<K, V>>,
}

impl<K: Eq + Clone, V> Recent<K, V> {
    pub fn new(room: usize) -> Self {
        if room == 0 {
            panic!("no room");
        }
        Self { room, now: 0, entries: Vec::with_capacity(room) }
    }

    fn touch(&mut self, key: &K) -> Option<&mut Entry<K, V>> {
        self.now += 1;
        let entry = self.entries.iter_mut().find(|entry| entry.key == *key)?;
        entry.used = self.now;
        Some(entry)
    }

    pub fn put(&mut self, key: K, value: V) -> Option<V> {
        if let Some(entry) = self.touch(&key) {
            return Some(std::mem::replace(&mut entry.value, value));
        }
        let entry = Entry { key, value, used: self.now };
        if self.entries.len() < self.room {
            self.entries.push(entry);
        } else if let Some(oldest) = self.entries.iter_mut().min_by_key(|entry| entry.used) {
            *oldest = entry;
        }
        None
    }

    pub fn get(&mut self, key: &K) -> Option<&V> {
        self.touch(key).map(|entry| &entry.value)
    }

    pub fn keys(&self) -> Vec<K> {
        let mut order: Vec<_> = self.entries.iter().collect();
        order.sort_by_key(|entry| std::cmp::Reverse(entry.used));
        order.into_iter().map(|entry| entry.key.clone()).collect()
    }
}
