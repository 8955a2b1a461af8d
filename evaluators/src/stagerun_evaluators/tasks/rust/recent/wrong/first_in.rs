pub struct Recent<K, V> {
    room: usize,
    entries: Vec<(K, V)>,
}

impl<K: Eq + Clone, V> Recent<K, V> {
    pub fn new(room: usize) -> Self {
        assert!(room > 0, "no room");
        Recent { room, entries: Vec::new() }
    }

    pub fn put(&mut self, key: K, value: V) -> Option<V> {
        let at = self.entries.iter().position(|(each, _)| *each == key);
        let before = at.map(|at| self.entries.remove(at).1);
        if self.entries.len() == self.room {
            self.entries.remove(0);
        }
        self.entries.push((key, value));
        before
    }

    pub fn get(&mut self, key: &K) -> Option<&V> {
        self.entries.iter().find(|(each, _)| each == key).map(|(_, value)| value)
    }

    pub fn keys(&self) -> Vec<K> {
        self.entries.iter().rev().map(|(key, _)| key.clone()).collect()
    }
}
