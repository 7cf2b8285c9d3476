"""The importer of FER2013, in any form in which it circulates."""
