import unittest

from solution import Cache


class CacheTest(unittest.TestCase):
    def setUp(self):
        self.cache = Cache(2)
        self.cache.put("a", 1)
        self.cache.put("b", 2)

    def test_what_was_put_is_found(self):
        self.assertEqual(self.cache.get("a"), 1)
        self.assertEqual(len(self.cache), 2)

    def test_the_oldest_goes(self):
        self.cache.put("c", 3)
        self.assertIsNone(self.cache.get("a"))
        self.assertEqual(self.cache.get("c"), 3)

    def test_getting_keeps(self):
        self.cache.get("a")
        self.cache.put("c", 3)
        self.assertIn("a", self.cache)
        self.assertNotIn("b", self.cache)

    def test_putting_again_keeps_and_replaces(self):
        self.cache.put("a", 10)
        self.cache.put("c", 3)
        self.assertEqual(self.cache.get("a"), 10)
        self.assertEqual(len(self.cache), 2)

    def test_looking_does_not_keep(self):
        self.assertTrue("a" in self.cache)
        self.cache.put("c", 3)
        self.assertNotIn("a", self.cache)

    def test_a_default(self):
        self.assertEqual(self.cache.get("x", 7), 7)
        self.cache.put("n", None)
        self.assertIsNone(self.cache.get("n", 7))

    def test_sizes(self):
        for size in (0, -1):
            with self.subTest(size=size), self.assertRaises(ValueError):
                Cache(size)
