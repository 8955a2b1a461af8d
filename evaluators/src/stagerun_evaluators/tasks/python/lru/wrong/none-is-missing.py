class Cache:
    def __init__(self, size):
        if size < 1:
            raise ValueError(size)
        self.size = size
        self.entries = {}

    def get(self, key, default=None):
        value = self.entries.pop(key, None)
        if value is None:
            return default
        self.entries[key] = value
        return value

    def put(self, key, value):
        self.entries.pop(key, None)
        if len(self.entries) == self.size:
            del self.entries[next(iter(self.entries))]
        self.entries[key] = value

    def __len__(self):
        return len(self.entries)

    def __contains__(self, key):
        return key in self.entries
