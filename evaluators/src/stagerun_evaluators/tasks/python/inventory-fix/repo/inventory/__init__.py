from inventory.stock import Stock as Stock
