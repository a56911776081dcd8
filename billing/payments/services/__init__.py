"""Starting payments, and writing down what became of them."""
