"""Categories, products, prices, pictures, stock, availability and search."""
