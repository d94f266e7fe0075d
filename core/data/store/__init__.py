"""Our own data sets: Parquet by UTC day, with a page that says what is in them."""
