"""The importer of FER2013, from any form in which people have it."""
