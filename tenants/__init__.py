"""Who: firms, their people, their matters."""
