class Cache:
    def __init__(self, size):
        if size <= 0:
            raise ValueError("a cache needs room for one entry at least")
        self._size = size
        self._entries = {}

    def get(self, key, default=None):
        try:
            value = self._entries.pop(key)
        except KeyError:
            return default
        self._entries[key] = value
        return value

    def put(self, key, value):
        self._entries.pop(key, None)
        while len(self._entries) >= self._size:
            del self._entries[next(iter(self._entries))]
        self._entries[key] = value

    def __len__(self):
        return len(self._entries)

    def __contains__(self, key):
        return key in self._entries
