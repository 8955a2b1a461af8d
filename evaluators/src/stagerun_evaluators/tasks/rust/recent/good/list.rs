/// Entries from the oldest to the latest.
pub struct Recent<K, V> {
    room: usize,
    entries: Vec<(K, V)>,
}

impl<K: Eq + Clone, V> Recent<K, V> {
    pub fn new(room: usize) -> Self {
        assert!(room > 0, "no room");
        Recent { room, entries: Vec::new() }
    }

    fn take(&mut self, key: &K) -> Option<(K, V)> {
        let at = self.entries.iter().position(|(each, _)| each == key)?;
        Some(self.entries.remove(at))
    }

    pub fn put(&mut self, key: K, value: V) -> Option<V> {
        let before = self.take(&key);
        if self.entries.len() == self.room {
            self.entries.remove(0);
        }
        self.entries.push((key, value));
        before.map(|(_, value)| value)
    }

    pub fn get(&mut self, key: &K) -> Option<&V> {
        let entry = self.take(key)?;
        self.entries.push(entry);
        self.entries.last().map(|(_, value)| value)
    }

    pub fn keys(&self) -> Vec<K> {
        self.entries.iter().rev().map(|(key, _)| key.clone()).collect()
    }
}
