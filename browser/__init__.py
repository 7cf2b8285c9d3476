"""The page that answers in the visitor's own browser: a static folder for any web host."""
