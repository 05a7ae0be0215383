# sqlcipher3 mirrors the standard library's sqlite3 and ships no types.
from sqlite3.dbapi2 import *
