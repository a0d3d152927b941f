import unittest

from .views import members


class MembersTest(unittest.TestCase):
    def test_boats_stand_beside_their_owners(self):
        self.assertIn("<td>Noor</td><td>2019</td><td>Seagull</td>", members())
