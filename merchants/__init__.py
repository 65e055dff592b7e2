"""The back office: products and stock upkeep, order inbox, the caretaker's and the operator's desk."""
