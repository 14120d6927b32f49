"""Makes the handbook of the demo: Juniper Bikes, a shop that does not exist, in six formats. Run after changing a text: python3 docs/demo/make.py"""
import csv
import io
import json
import pathlib
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parents[1] / "test" / "api"))
import fixtures  # noqa: E402

WARRANTY = [
    ["Juniper Bikes: warranty", "",
     "Every frame has a warranty of ten years from the day of purchase.", "Motors and batteries of e-bikes have a warranty of two years or 500 charging",
     "cycles, whichever comes first.", "Brake pads, tyres and chains wear out and are not covered.", "",
     "Keep the receipt: without it we count from the date of manufacture,", "which is engraved beside the frame number."],
    ["How to make a claim", "",
     "Write to service@juniper-bikes.example with the frame number and two", "photographs. We answer within three working days.",
     "If a repair takes longer than ten days, you get a loan bike free of charge."],
]

RETURNS = [
    ("Returns", "Heading1"),
    "A bike that has not been ridden outdoors can be returned within 30 days. We collect it free of charge and pay the money back within a week.",
    "Clothing and helmets can be exchanged within 60 days as long as the label is attached.",
    ("Damaged deliveries", "Heading2"),
    "If the box arrives damaged, take a photograph before opening it and refuse the delivery. A new bike leaves our warehouse the same day.",
    ("Cancelling an order", "Heading2"),
    "An order can be cancelled in the customer area until it is handed to the carrier; after that it counts as a return.",
]

PRICES = {
    "Bikes": [["Model", "Kind", "Weight in kg", "Price in euros"],
              ["Sparrow", "city bike", 13.5, 790], ["Heron", "touring bike", 12.8, 1290], ["Kestrel", "gravel bike", 9.6, 2150],
              ["Swift", "e-bike", 19.9, 3450], ["Wren", "children's bike", 7.2, 420]],
    "Services": [["Service", "Price in euros", "Duration"],
                 ["Small inspection", 59, "1 day"], ["Large inspection", 129, "2 days"], ["Fitting to your body", 89, "90 minutes"],
                 ["Winter storage", 45, "November to March"]],
}

SHOPS = [["City", "Street", "Opens", "Closes", "Workshop", "Phone"],
         ["Linz", "Landstraße 12", "09:00", "18:00", "yes", "+43 732 000001"],
         ["Graz", "Herrengasse 7", "10:00", "18:30", "yes", "+43 316 000002"],
         ["Salzburg", "Linzer Gasse 40", "09:30", "18:00", "no", "+43 662 000003"]]

QUESTIONS = [
    {"question": "How do I charge the battery of my e-bike?",
     "answer": "Charge it at room temperature with the charger that came with it. A full charge takes four hours; 80 percent is reached after two."},
    {"question": "Can I take my bike on the train?",
     "answer": "Yes. Folding bikes travel free; for all others buy a bicycle ticket and reserve a place on long-distance trains."},
    {"question": "Do you offer financing?",
     "answer": "Bikes from 1,000 euros can be paid in 12 or 24 monthly instalments without interest."},
    {"question": "Wie lange dauert die Lieferung?",
     "answer": "Die Lieferung dauert innerhalb von Österreich drei Werktage und nach Deutschland fünf Werktage."},
]

COURSE = [
    ("Caring for your bike", ["A course for new owners, one evening in each shop", "Free for everyone who bought a bike in the last year"]),
    ("Once a week", ["Check the tyre pressure: 4 bar on city bikes, 2.5 bar on gravel bikes", "Wipe the chain and oil it after rain"]),
    ("Once a year", ["Bring it to the large inspection", "Let us replace the brake fluid every second year"]),
]


def rows(table):
    out = io.StringIO(newline="")
    csv.writer(out).writerows(table)
    return out.getvalue().encode()


def main():
    files = {
        "warranty.pdf": fixtures.pdf(WARRANTY),
        "returns.docx": fixtures.docx(RETURNS),
        "price-list.xlsx": fixtures.xlsx(PRICES),
        "shops.csv": rows(SHOPS),
        "questions.json": json.dumps(QUESTIONS, ensure_ascii=False, indent=1).encode() + b"\n",
        "bike-care.pptx": fixtures.pptx(COURSE),
    }
    for name, content in files.items():
        (HERE / name).write_bytes(content)


if __name__ == "__main__":
    main()
