"""Words that every template may use: icons, money, dates, attributes of components."""
