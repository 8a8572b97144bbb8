"""What English counts: currencies and units, of one and of more."""

from __future__ import annotations

from typing import Final

# One, and more; the same of the hundredth.
MONEY: Final = {
    "$": ("dollar", "dollars", "cent", "cents"),
    "€": ("euro", "euros", "cent", "cents"),
    "£": ("pound", "pounds", "penny", "pence"),
    "₽": ("ruble", "rubles", "kopeck", "kopecks"),
    "¥": ("yen", "yen", "sen", "sen"),
}
CODES: Final = {"USD": "$", "EUR": "€", "GBP": "£", "RUB": "₽", "JPY": "¥"}
# One, and more. Only what is written like this after a number.
UNITS: Final = {
    "km": ("kilometre", "kilometres"),
    "CHF": ("Swiss franc", "Swiss francs"),
    "CAD": ("Canadian dollar", "Canadian dollars"),
    "AUD": ("Australian dollar", "Australian dollars"),
    "cm": ("centimetre", "centimetres"),
    "mm": ("millimetre", "millimetres"),
    "m": ("metre", "metres"),
    "kg": ("kilogram", "kilograms"),
    "g": ("gram", "grams"),
    "mg": ("milligram", "milligrams"),
    "ml": ("millilitre", "millilitres"),
    "l": ("litre", "litres"),
    "L": ("litre", "litres"),
    "tsp": ("teaspoon", "teaspoons"),
    "tbsp": ("tablespoon", "tablespoons"),
    "yd": ("yard", "yards"),
    "yds": ("yard", "yards"),
    "ft": ("foot", "feet"),
    "lb": ("pound", "pounds"),
    "lbs": ("pound", "pounds"),
    "oz": ("ounce", "ounces"),
    "mph": ("mile an hour", "miles an hour"),
    "km/h": ("kilometre an hour", "kilometres an hour"),
    "hr": ("hour", "hours"),
    "hrs": ("hour", "hours"),
    "min": ("minute", "minutes"),
    "mins": ("minute", "minutes"),
    "sec": ("second", "seconds"),
    "secs": ("second", "seconds"),
    "mi": ("mile", "miles"),
    "wk": ("week", "weeks"),
    "wks": ("week", "weeks"),
    "mo": ("month", "months"),
    "mos": ("month", "months"),
    "t": ("ton", "tons"),
    "yr": ("year", "years"),
    "yrs": ("year", "years"),
    "sq ft": ("square foot", "square feet"),
    "sqft": ("square foot", "square feet"),
    "sq m": ("square metre", "square metres"),
    "m²": ("square metre", "square metres"),
    "m³": ("cubic metre", "cubic metres"),
    "bn": ("billion", "billion"),
    "kB": ("kilobyte", "kilobytes"),
    "MB": ("megabyte", "megabytes"),
    "GB": ("gigabyte", "gigabytes"),
    "TB": ("terabyte", "terabytes"),
    "Mbps": ("megabit per second", "megabits per second"),
    "Mbit/s": ("megabit per second", "megabits per second"),
    "Gbps": ("gigabit per second", "gigabits per second"),
    "kW": ("kilowatt", "kilowatts"),
    "kWh": ("kilowatt-hour", "kilowatt-hours"),
    "W": ("watt", "watts"),
    "Hz": ("hertz", "hertz"),
    "kHz": ("kilohertz", "kilohertz"),
    "MHz": ("megahertz", "megahertz"),
    "GHz": ("gigahertz", "gigahertz"),
    "V": ("volt", "volts"),
    "°C": ("degree", "degrees"),
    "°F": ("degree", "degrees"),
    "°": ("degree", "degrees"),
    "k": ("thousand", "thousand"),
    "pc": ("piece", "pieces"),
    "pcs": ("piece", "pieces"),
    "h": ("hour", "hours"),
    "p": ("penny", "pence"),
    "c": ("cent", "cents"),
    "¢": ("cent", "cents"),
}
# What numbers count and do not name
COUNTED: Final = (
    "dollars|euros|pounds|rubles|people|customers|users|guests|persons|calls|units|items|pieces|"
    "copies|times|hours|days|square"
)
BEFORE_A_NOUN: Final = "min|hr|sec|km|kg|mi|lb|ft|oz|yr|ml|L|mg|GB|MB|TB|kW|W|V"
LONG: Final = {
    "mo": "month",
    "wk": "week",
    "yr": "year",
    "hr": "hour",
    "min": "minute",
    "s": "second",
    "km": "kilometre",
    "kg": "kilogram",
    "GB": "gigabyte",
}
