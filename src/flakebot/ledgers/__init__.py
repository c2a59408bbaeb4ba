"""Where the records of analysed runs live: one module for each kind of place."""
