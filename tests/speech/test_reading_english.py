"""English text as people say it."""

from __future__ import annotations

import pytest

from voicebot.speech.reading import speakable

READ = [
    ("from 9:00 to 18:00", "from nine am to six pm"),
    ("at 10:30", "at ten thirty"),
    ("at 14:05.", "at two oh five pm."),
    ("at 5:30 p.m. today", "at five thirty pm today"),
    ("at 0:00 and 12:00", "at midnight and noon"),
    ("at 29:00", "at twenty-nine:zero zero"),
    ("extension 201", "extension two zero one"),
    ("ext. 33", "extension three three"),
    (
        "call +44 20 7946 0958.",
        "call plus four four, two zero, seven nine four six, zero nine five eight.",
    ),
    (
        "call 8 (800) 555-35-35",
        "call eight, eight zero zero, five five five, three five, three five",
    ),
    (
        "$5.50 or £1 or €4,900",
        "five dollars and fifty cents or one pound or four thousand nine hundred euros",
    ),
    ("She said no. Yes.", "She said no. Yes."),
    ("the no. 5 bus", "the number five bus"),
    ("3.5%", "three point five percent"),
    ("the 22nd", "the twenty-second"),
    ("1,234 items", "one thousand two hundred and thirty-four items"),
    ("2-3 days", "two to three days"),
    ("007", "zero zero seven"),
    ("on 2026-11-22", "on November twenty-second, twenty twenty-six"),
    ("since 1999", "since nineteen ninety-nine"),
    ("24/7", "around the clock"),
    ("No. 5, Dr. Smith", "number five, Doctor Smith"),
    ("pens, paper, etc.", "pens, paper, et cetera."),
    ("hello@northwind.example.", "hello at northwind dot example."),
    ("see https://www.x.org/a-b.", "see x dot org slash a dash b."),
    ("room B12", "room B twelve"),
    ("minus -5", "minus minus five"),
    ("R&D & more", "R&D and more"),
    # Measures
    ("It's 5 km. Then left.", "It's five kilometres. Then left."),
    ("1 kg, 2.5 kg and 20 °C", "one kilogram, two point five kilograms and twenty degrees"),
    ("30 mins, 2 hrs, 1 hr", "thirty minutes, two hours, one hour"),
    ("approx. 20 min.", "approximately twenty minutes."),
    ("16 GB at 60 mph, 10k", "sixteen gigabytes at sixty miles an hour, ten thousand"),
    ("3 in stock, 5G, 4B", "three in stock, five G, four B"),
    (
        "It is -5°C, −7 °C or 10 -15.",
        "It is minus five degrees, minus seven degrees or ten to fifteen.",
    ),
    ("1.0 kg", "one kilogram"),
    # Times and days
    ("at 9am and 8.30 am", "at nine am and eight thirty am"),
    ("at 10.30, not 10.30%", "at ten thirty, not ten point three percent"),
    ("9am-5pm, noon–1pm, 2–3pm", "nine am to five pm, noon to one pm, two to three pm"),
    ("10am to 12pm", "ten am to twelve pm"),
    ("9:00 AM – 6:00 PM", "nine am to six pm"),
    ("Mon-Fri 9:00-18:00", "Monday to Friday nine am to six pm"),
    ("Sat 10:00 and Sun. 11:00", "Saturday ten o'clock and Sunday eleven o'clock"),
    ("the sun sat on", "the sun sat on"),
    (
        "Mon, Wed, Fri. Sat. and Sun. from 10am",
        "Monday, Wednesday, Friday. Saturday and Sunday from ten am",
    ),
    ("Closed Sun. and Mon.", "Closed Sunday and Monday."),
    # Dates
    ("on 3 May 2026 or May 3rd", "on May third, twenty twenty-six or May third"),
    ("Nov 30, 5 Dec. 2026", "November thirtieth, December fifth, twenty twenty-six"),
    ("12.11.2026", "November twelfth, twenty twenty-six"),
    ("Dec 24–26 or 3-5 May", "December twenty-fourth to twenty-sixth or May third to fifth"),
    ("2025-2026", "twenty twenty-five to twenty twenty-six"),
    (
        "13/5/2026 and 5/13/2026",
        "May thirteenth, twenty twenty-six and May thirteenth, twenty twenty-six",
    ),
    ("03/05/2026", "three, five, twenty twenty-six"),
    ("in May 2026, the year 2005", "in May twenty twenty-six, the year two thousand and five"),
    ("the 1990s and 2000s", "the nineteen nineties and two thousands"),
    ("5th–7th of May, May 5th-7th", "May fifth to seventh, May fifth to seventh"),
    ("5-7 May 2025", "May fifth to seventh, twenty twenty-five"),
    ("May 5–7, 2025", "May fifth to seventh, twenty twenty-five"),
    ("In May 5 people came", "In May five people came"),
    ("begin May 5", "begin May fifth"),
    ("Mar-Apr, Jun – Aug.", "March to April, June to August."),
    ("you may 5 times", "you may five times"),
    # Money
    ("$3.5 million", "three point five million dollars"),
    ("£1m, €2bn, 10p", "one million pounds, two billion euros, ten pence"),
    (
        "$5–$10, £20-30, 10%–20%",
        "five to ten dollars, twenty to thirty pounds, ten to twenty percent",
    ),
    ("£4/month, $10/hr", "four pounds per month, ten dollars per hour"),
    (
        "$3.5 or £0.5, not $3.05",
        "three dollars and fifty cents or fifty pence, not three dollars and five cents",
    ),
    ("-$5 or −€1", "minus five dollars or minus one euro"),
    ("and/or N/A", "and/or N/A"),
    (
        "€0.99, USD 20, 1,500 EUR",
        "ninety-nine cents, twenty dollars, one thousand five hundred euros",
    ),
    # Fractions, proportions, ranges
    ("1/2 or 3 1/4 or 2/3", "a half or three and a quarter or two thirds"),
    ("3½ hours, ¼ mile", "three and a half hours, one quarter mile"),
    ("50/50, 2:1", "fifty fifty, two to one"),
    ("between 10-15 km", "between ten and fifteen kilometres"),
    ("10 – 15 people", "ten to fifteen people"),
    # Numbers that are names
    ("order #12345, PIN 0042", "order one two three four five, PIN zero zero four two"),
    ("in case 1234 people call", "in case one thousand two hundred and thirty-four people call"),
    ("case 1234", "case one two three four"),
    ("Extension 101-105", "extension one zero one to one zero five"),
    ("order no. 4711", "order number four seven one one"),
    ("Call 112 or 911.", "Call one one two or nine one one."),
    ("call 100 people", "call one hundred people"),
    ("version 3.2.1", "version three point two point one"),
    ("(020) 7946-0958", "zero two zero, seven nine four six, zero nine five eight"),
    ("1,000,000", "one million"),
    (".5", "point five"),
    # Streets and saints
    ("12 Harbour St. is open", "twelve Harbour Street is open"),
    ("12 Main St. Please come.", "twelve Main Street. Please come."),
    ("12 Main St., London", "twelve Main Street, London"),
    ("St. Mary's", "Saint Mary's"),
    # What an office says every day
    ("On 12 May. Or 3 Dec. at ten.", "On May twelfth. Or December third at ten."),
    ("2025/05/06", "May sixth, twenty twenty-five"),
    (
        "$10M, €1.5B, $20k",
        "ten million dollars, one point five billion euros, twenty thousand dollars",
    ),
    ("10am–noon, $1.01, £0.01", "ten am to noon, one dollar and one cent, one penny"),
    ("a 10-min. walk at 5 GHz", "a ten-minute walk at five gigahertz"),
    (
        "€1,50 by 2030, from 2020 to 2025",
        "one euro and fifty cents by twenty thirty, from twenty twenty to twenty twenty-five",
    ),
    ("from 2020 people", "from two thousand and twenty people"),
    ("between 1:00 and 2:00", "between one o'clock and two o'clock"),
    (
        "Our prices start at $19.99 per month.",
        "Our prices start at nineteen dollars and ninety-nine cents per month.",
    ),
    (
        "The basic plan is £4.50/week, billed annually.",
        "The basic plan is four pounds and fifty pence per week, billed annually.",
    ),
    (
        "That's 20% off, i.e. $16 instead of $20.",
        "That's twenty percent off, that is sixteen dollars instead of twenty dollars.",
    ),
    ("It costs €1.2m a year.", "It costs one point two million euros a year."),
    (
        "A deposit of $1,250.75 is required.",
        (
            "A deposit of one thousand two hundred and fifty dollars and seventy-five cents "
            "is required."
        ),
    ),
    (
        "The fee is 2.5% of the total, min. £10.",
        "The fee is two point five percent of the total, minimum ten pounds.",
    ),
    (
        "The total comes to USD 1,499.00.",
        "The total comes to one thousand four hundred and ninety-nine dollars.",
    ),
    (
        "Rates are $95-$120/hr.",
        "Rates are ninety-five to one hundred and twenty dollars per hour.",
    ),
    (
        "Prices rose by 0.5% in Q3 2025.",
        "Prices rose by zero point five percent in Q three twenty twenty-five.",
    ),
    (
        "We're open Mon-Fri 8:30-17:30 and Sat 9-1.",
        "We're open Monday to Friday eight thirty am to five thirty pm and Saturday nine to one.",
    ),
    (
        "Our hours are 9 a.m. to 5:30 p.m., Monday through Friday.",
        "Our hours are nine am to five thirty pm, Monday through Friday.",
    ),
    (
        "We close at 6 PM on Dec 24th and reopen on Jan 2.",
        "We close at six PM on December twenty-fourth and reopen on January second.",
    ),
    (
        "The office is open Mon–Thu 9am–6pm & Fri 9am–4pm.",
        "The office is open Monday to Thursday nine am to six pm and Friday nine am to four pm.",
    ),
    ("Lunch is from 12:30 to 1:15 pm.", "Lunch is from twelve thirty to one fifteen pm."),
    ("Last appointment is at 16:45.", "Last appointment is at four forty-five pm."),
    (
        "Call us at (555) 123-4567.",
        "Call us at five five five, one two three, four five six seven.",
    ),
    (
        "Our number is 1-800-555-0199.",
        "Our number is one, eight zero zero, five five five, zero one nine nine.",
    ),
    (
        "You can reach us on 020 7946 0958.",
        "You can reach us on zero two zero, seven nine four six, zero nine five eight.",
    ),
    (
        "Dial +1 (212) 555-0134, ext. 12.",
        "Dial plus one, two one two, five five five, zero one three four, extension one two.",
    ),
    (
        "My cell is 555.123.4567.",
        "My cell is five five five, one two three, four five six seven.",
    ),
    ("Fax: 0161 496 0000", "Fax: zero one six one, four nine six, zero zero zero zero"),
    (
        "It's 0800 123 4567 toll-free.",
        "It's zero eight zero zero, one two three, four five six seven toll-free.",
    ),
    ("Text STOP to 80808.", "Text STOP to eight zero eight zero eight."),
    ("Room 4B on the 3rd floor.", "Room four B on the third floor."),
    (
        "We're at 221B Baker St., London NW1 6XE.",
        "We're at two two one B Baker Street, London N W one, six X E.",
    ),
    (
        "The address is 1600 Pennsylvania Ave. NW, Washington, DC 20500.",
        (
            "The address is sixteen hundred Pennsylvania Avenue Northwest, Washington, DC "
            "two zero five zero zero."
        ),
    ),
    (
        "Our office is at 45 W. 34th St., Suite 1203.",
        "Our office is at forty-five West thirty-fourth Street, Suite one two zero three.",
    ),
    (
        "P.O. Box 1234, Springfield, IL 62704",
        "P.O. Box one two three four, Springfield, IL six two seven zero four",
    ),
    ("About 2/3 of our clients agree.", "About two thirds of our clients agree."),
    ("It is 5'10\" tall.", "It is five foot ten tall."),
    (
        "The parcel weighs 2.3 kg and measures 30 x 20 x 15 cm.",
        (
            "The parcel weighs two point three kilograms and measures thirty by twenty by "
            "fifteen centimetres."
        ),
    ),
    (
        "The flat is 85 m² (915 sq ft).",
        "The flat is eighty-five square metres (nine hundred and fifteen square feet).",
    ),
    ("Temperatures of 18–22 °C.", "Temperatures of eighteen to twenty-two degrees."),
    (
        "The speed limit is 30 mph; downloads run at 100 Mbps.",
        (
            "The speed limit is thirty miles an hour; downloads run at one hundred megabits "
            "per second."
        ),
    ),
    (
        "The file is 2.5 MB, max. 10 MB.",
        "The file is two point five megabytes, maximum ten megabytes.",
    ),
    ("It uses 40 kWh per month.", "It uses forty kilowatt-hours per month."),
    (
        "VAT number GB 123 4567 89.",
        "VAT number GB one two three, four five six seven, eight nine.",
    ),
    ("Tax ID 12-3456789.", "Tax ID one two, three four five six seven eight nine."),
    ("Your reference is AB-12345.", "Your reference is AB one two three four five."),
    (
        "Invoice no. 2024-0017 is due on 03/15/2025.",
        (
            "Invoice number two zero two four, zero zero one seven is due on March "
            "fifteenth, twenty twenty-five."
        ),
    ),
    (
        "Order #A1B2C3 ships within 3-5 business days.",
        "Order number A one B two C three ships within three to five business days.",
    ),
    ("Pages 10-12, see p. 4.", "Pages ten to twelve, see page four."),
    ("Children aged 6–12 pay half.", "Children aged six to twelve pay half."),
    (
        "The 2024/25 season starts soon.",
        "The twenty twenty-four twenty-five season starts soon.",
    ),
    ("It takes 10 to 15 min.", "It takes ten to fifteen minutes."),
    (
        "Write to info@my-company.co.uk or j.smith_2@example.com.",
        (
            "Write to info at my dash company dot co dot uk or j dot smith underscore two at "
            "example dot com."
        ),
    ),
    (
        "See www.example.com/help?id=5 for details.",
        "See example dot com slash help question mark id equals five for details.",
    ),
    (
        "Visit example.com or voicebot.io/pricing.",
        "Visit example dot com or voicebot dot io slash pricing.",
    ),
    ("Mr. J. R. Smith, Ph.D., is in a meeting.", "Mister J. R. Smith, PhD, is in a meeting."),
    ("Ask for Dr. A. Jones, the CEO.", "Ask for Doctor A. Jones, the CEO."),
    ("The meeting with Acme Inc. is at 3.", "The meeting with Acme incorporated is at three."),
    (
        "Smith & Sons Ltd. was founded in 1987.",
        "Smith and Sons limited was founded in nineteen eighty-seven.",
    ),
    ("See Chapter IV, World War II.", "See Chapter four, World War two."),
    (
        "St. Paul's is on King St. near the station.",
        "Saint Paul's is on King Street near the station.",
    ),
    (
        "It's approx. 3 mi. from the airport.",
        "It's approximately three miles from the airport.",
    ),
    (
        "Turn left onto the M25 and take exit 14.",
        "Turn left onto the M twenty-five and take exit fourteen.",
    ),
    (
        "Flight BA 2490 leaves at 07:05.",
        "Flight BA two four nine zero leaves at seven oh five am.",
    ),
    ("The score was 3-2.", "The score was three to two."),
    ("It's 5 min. away, e.g. by bus.", "It's five minutes away, for example by bus."),
    ("She's the No. 1 choice.", "She's the number one choice."),
    ("We have 1,500+ clients.", "We have one thousand five hundred plus clients."),
    (
        "The warranty lasts 24 months (2 yrs).",
        "The warranty lasts twenty-four months (two years).",
    ),
    ("Your PIN is 4821.", "Your PIN is four eight two one."),
    ("Your code is 0815-4711.", "Your code is zero eight one five, four seven one one."),
    ("Temperature: -3°F.", "Temperature: minus three degrees."),
    ("On 04/07 we're closed.", "On four, seven we're closed."),
    (
        "Your appointment is on Tue, 5 Mar at 2:30pm.",
        "Your appointment is on Tuesday, March fifth at two thirty pm.",
    ),
    (
        "The deadline is 31.12.2025, 23:59.",
        "The deadline is December thirty-first, twenty twenty-five, eleven fifty-nine pm.",
    ),
    (
        "Sales: ext. 201; support: ext 202.",
        "Sales: extension two zero one; support: extension two zero two.",
    ),
    ("Version v2.0 is out.", "version two point zero is out."),
    ("5–6 p.m. is fine.", "five to six pm is fine."),
    ("the 5th Ave store", "the fifth Avenue store"),
    ("The ratio is 1:10.", "The ratio is one to ten."),
    (
        "50+ years, <5 min, >10 people, ~30 min",
        "fifty plus years, less than five minutes, more than ten people, about thirty minutes",
    ),
    ("$0.05 per min", "five cents per minute"),
    (
        "A 10-min walk; a 5-year plan; a 3-bedroom flat.",
        "A ten-minute walk; a five-year plan; a three-bedroom flat.",
    ),
    ("Interest is 3.75% APR.", "Interest is three point seven five percent APR."),
    ("It's 6'2\".", "It's six foot two."),
    ("WiFi password: Guest2024!", "WiFi password: Guest two zero two four!"),
    ("Gate B7, seat 14C", "Gate B seven, seat fourteen C"),
    ("Bldg. 5, Fl. 3, Apt. 7", "building five, floor three, apartment seven"),
    ("$5K-$10K", "five thousand to ten thousand dollars"),
    ("2x faster, 10x cheaper", "two times faster, ten times cheaper"),
    ("from 10:00–12:00 and 2-4pm", "from ten o'clock to noon and two to four pm"),
    ("Tel.: 555-0142", "telephone: five five five, zero one four two"),
    ("We're closed 25/12–01/01.", "We're closed December twenty-fifth to one, one."),
    ("Sept. 3rd, 2025, at noon", "September third, twenty twenty-five, at noon"),
    ("in the '90s", "in the nineties"),
    ("COVID-19 rules", "COVID-nineteen rules"),
    ("a 4x4 car", "a four by four car"),
    ("Invoice no. 2024-0017", "Invoice number two zero two four, zero zero one seven"),
    ("Mon.–Fri., 8 a.m.–5 p.m.", "Monday to Friday, eight am to five pm."),
    ("Tues & Thurs 10-4", "Tuesday and Thursday ten to four"),
    ("Open daily, 7 a.m.-11 p.m.", "Open daily, seven am to eleven pm."),
    ("Sat./Sun. by appointment", "Saturday and Sunday by appointment"),
    ("M–F 9–5", "Monday to Friday nine to five"),
    ("every Mon and Wed at 10", "every Monday and Wednesday at ten"),
    ("on the 1st & 3rd Mon of each month", "on the first and third Monday of each month"),
    ("Closed on Mondays and on Jan. 1st.", "Closed on Mondays and on January first."),
    ("by 5pm EST", "by five pm EST"),
    ("Please call back after 3:15.", "Please call back after three fifteen."),
    ("at 9:05 a.m. sharp", "at nine oh five am sharp"),
    ("since Sept. 2019", "since September twenty nineteen"),
    (
        "from Jan. 15 through Feb. 28, 2026",
        "from January fifteenth through February twenty-eighth, twenty twenty-six",
    ),
    (
        "It opened in 1905 and moved in 2004.",
        "It opened in nineteen oh-five and moved in two thousand and four.",
    ),
    ("£99 + VAT", "ninety-nine pounds plus VAT"),
    ("$25/mo.", "twenty-five dollars per month."),
    ("$1,000/yr", "one thousand dollars per year"),
    ("€50 p.a.", "fifty euros per year."),
    (
        "£2.99 each or 3 for £8",
        "two pounds and ninety-nine pence each or three for eight pounds",
    ),
    (
        "a 15% tip on $42.60 is $6.39",
        (
            "a fifteen percent tip on forty-two dollars and sixty cents is six dollars and "
            "thirty-nine cents"
        ),
    ),
    ("20%-30% off", "twenty to thirty percent off"),
    (
        "Subtotal $100, tax 8.25%, total $108.25",
        (
            "Subtotal one hundred dollars, tax eight point two five percent, total one "
            "hundred and eight dollars and twenty-five cents"
        ),
    ),
    ("Save up to 1/3!", "Save up to one third!"),
    ("0.75 miles", "zero point seven five miles"),
    ("Rm. 12, ste. 400", "room twelve, suite four zero zero"),
    (
        "Unit 7, 12-14 High Street, Leeds LS1 4AB",
        "Unit seven, twelve to fourteen High Street, Leeds L S one, four A B",
    ),
    (
        "One Microsoft Way, Redmond, WA 98052-6399",
        "One Microsoft Way, Redmond, WA nine eight zero five two, six three nine nine",
    ),
    (
        "Flat 3, 10 Downing St, London SW1A 2AA",
        "Flat three, ten Downing Street, London S W one A, two A A",
    ),
    ("Hwy 101, exit 429B", "Highway one hundred and one, exit four two nine B"),
    ("PO Box 99", "PO Box ninety-nine"),
    (
        "+44 (0)20 7946 0958",
        "plus four four, two zero, seven nine four six, zero nine five eight",
    ),
    ("+49 30 901820", "plus four nine, three zero, nine zero one eight two zero"),
    (
        "00 44 20 7946 0958",
        "zero zero, four four, two zero, seven nine four six, zero nine five eight",
    ),
    ("555-0199", "five five five, zero one nine nine"),
    (
        "call 0207 946 0958 or 07700 900123",
        (
            "call zero two zero seven, nine four six, zero nine five eight or zero seven "
            "seven zero zero, nine zero zero one two three"
        ),
    ),
    ("18005550199", "one, eight zero zero, five five five, zero one nine nine"),
    ("+12125550134", "plus one, two one two, five five five, zero one three four"),
    (
        "press 1 for sales, 2 for support, or # to repeat",
        "press one for sales, two for support, or hash to repeat",
    ),
    ("press 0 or *", "press zero or star"),
    (
        "Account number: 12345678, sort code 20-00-00.",
        (
            "Account number: one two three four five six seven eight, sort code two zero, "
            "zero zero, zero zero."
        ),
    ),
    ("card ending in 4242", "card ending in four two four two"),
    ("order 1234567", "order one two three four five six seven"),
    ("ticket #98765", "ticket nine eight seven six five"),
    ("case no. 2023-114", "case number two zero two three, one one four"),
    ("support+uk@example.com", "support plus uk at example dot com"),
    (
        "https://example.com/a?b=1&c=2",
        "example dot com slash a question mark b equals one and c equals two",
    ),
    ("example.co.uk", "example dot co dot uk"),
    ("Dr. Lee & Mrs. O'Neil", "Doctor Lee and Missis O'Neil"),
    ("Acme Co. and Beta Corp.", "Acme company and Beta corporation."),
    ("a.k.a. Bob", "also known as Bob"),
    ("6 ft 2 in", "six feet two inches"),
    ("2000000 people", "two million people"),
    ("7:00-9:00 p.m.", "seven to nine pm."),
    ("from 7:30 to 9:05 pm", "from seven thirty to nine oh five pm"),
    ("11:00-1:00 pm, 9:05 or 11 p.m.", "eleven o'clock to one pm, nine oh five or eleven pm."),
    ("9:00 a.m.-5:00 p.m.", "nine am to five pm."),
    ("100 € or 25,00 €, 1 ₽", "one hundred euros or twenty-five euros, one ruble"),
    ("Press the # key", "Press the hash key"),
    ("It is –5°C", "It is minus five degrees"),
    ("1 in. or 21 in. wide", "one inch or twenty-one inches wide"),
    ("a 10K run", "a ten K run"),
    ("in 2024/25", "in twenty twenty-four twenty-five"),
    ("1 GB/s", "one gigabyte per second"),
    ("230 V", "two hundred and thirty volts"),
    ("Type II diabetes", "Type two diabetes"),
    ("Louis XIV", "Louis the fourteenth"),
    ("Part I", "Part one"),
    ("Act III", "Act three"),
    ("w/ or w/o VAT", "with or without VAT"),
    ("incl. tax", "including tax"),
    ("excl. VAT", "excluding VAT"),
    ("nos. 3 and 4", "numbers three and four"),
    ("Figs. 2-4", "figures two to four"),
    ("p. 5, pp. 6-8", "page five, pages six to eight"),
    ("1/4 mile", "one quarter mile"),
    ("1 1/2 hours", "one and a half hours"),
    ("the '80s and 90s", "the eighties and the nineties"),
    ("MP3, H2O, A4 paper", "MP three, H two O, A four paper"),
    ("COVID-19", "COVID-nineteen"),
    ("3bn", "three billion"),
    ("100k", "one hundred thousand"),
    ("12k people", "twelve thousand people"),
]


@pytest.mark.parametrize(("written", "spoken"), READ)
def test_english_is_read_as_people_say_it(written: str, spoken: str):
    assert speakable(written, "en") == spoken


@pytest.mark.parametrize("written", [written for written, _ in READ])
def test_reading_twice_changes_nothing(written: str):
    once = speakable(written, "en")

    assert speakable(once, "en") == once
