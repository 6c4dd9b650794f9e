"""Kinds of strings that people write expressions for: how to draw one, and the expressions that people write.

Every kind draws its strings by chance from what the kind is in life (words, names, dates of the calendar), not from the
expressions; those are what a person would accept as "what I meant", the preferred one first. A string counts as held out
only where all of a kind's expressions agree about it.
"""

import random
import string

WORDS = """time year people way day man thing woman life child world school state family student group country problem
hand part place case week company system program question work government number night point home water room mother area
money story fact month lot right study book eye job word business issue side kind head house service friend father power
hour game line end member law car city community name president team minute idea kid body information back parent face
others level office door health person art war history party result change morning reason research girl guy moment air
teacher force education""".split()
NAMES = """James Mary Robert Patricia John Jennifer Michael Linda David Elizabeth William Barbara Richard Susan Joseph
Jessica Thomas Sarah Charles Karen Anna Otto Paul Emma Noah Mia""".split()
SURNAMES = """Smith Johnson Williams Brown Jones Garcia Miller Davis Rodriguez Martinez Wilson Anderson Taylor Moore
Jackson Martin Lee Thompson White Harris Clark Lewis Young Walker Hall Allen King Wright Scott Torres""".split()
RUSSIAN = """время человек дело жизнь день рука работа слово место вопрос лицо глаз страна друг сторона дом случай голова
ребенок сила конец вид система часть город отношение женщина деньги земля машина вода отец проблема час право нога решение
дверь образ история власть закон война бог голос тысяча книга возможность результат ночь стол имя область статья число
компания народ группа развитие процесс суд условие средство начало свет пора путь душа уровень форма связь минута улица
вечер качество мысль дорога мать действие месяц""".split()
GREEK = """χρόνος άνθρωπος ζωή ημέρα χέρι δουλειά λόγος τόπος ερώτηση πρόσωπο χώρα φίλος σπίτι δύναμη τέλος σύστημα πόλη
σχέση γυναίκα χρήμα γη μηχανή νερό πατέρας πρόβλημα ώρα πόδι λύση πόρτα εικόνα ιστορία νόμος πόλεμος θεός φωνή βιβλίο
νύχτα τραπέζι όνομα αριθμός λαός ομάδα φως δρόμος ψυχή επίπεδο μορφή λεπτό βράδυ σκέψη μητέρα μήνας""".split()
ACCENTED = """café naïve über señor garçon façade résumé jalapeño piñata crème déjà élite fiancée São Zürich Köln Málaga
Orléans Müller Gómez Núñez Søren Åse Øresund Łódź Gdańsk Čapek Dvořák naïveté touché voilà Besançon Mädchen Straße Grüße
corazón mañana niño año país también lápiz árbol""".split()
TLDS = ["com", "org", "net", "edu", "io", "de", "info"]


def pick(*options):
    return random.choice(options)


def word():
    return random.choice(WORDS)


def digits(count):
    return "".join(random.choice(string.digits) for _ in range(count))


def hexes(count, letters="abcdef"):
    return "".join(random.choice(string.digits + letters) for _ in range(count))


def uppers(count):
    return "".join(random.choice(string.ascii_uppercase) for _ in range(count))


def number(low, high):
    return str(random.randint(low, high))


def date(form="%04d-%02d-%02d"):
    year, month, day = random.randint(1950, 2029), random.randint(1, 12), random.randint(1, 28)
    return form % (year, month, day)


def clock(form="%02d:%02d"):
    return form % (random.randint(0, 23), random.randint(0, 59))


def many(separator, low, high, draw):
    return separator.join(draw() for _ in range(random.randint(low, high)))


def sentence(low=1, high=6):
    return many(" ", low, high, word)


def host():
    return word() + random.choice(["", word()]) + "." + random.choice(TLDS)


def email():
    local = pick(word(), word() + "." + word(), word() + digits(2))
    return local + "@" + pick(host(), word() + "." + host())


def semver():
    return ".".join(number(0, 30) for _ in range(3))


def camel():
    return word() + "".join(word().capitalize() for _ in range(random.randint(1, 3)))


def amount():
    whole = random.randint(1, 999_999) if random.random() < 0.6 else random.randint(1, 999)
    return f"{whole:,}.{random.randint(0, 99):02d}"


# name: (draw, expressions of people)
KINDS = {
    "postal code": (lambda: digits(5), ["[0-9]{5}"]),
    "postal code with extension": (lambda: digits(5) + pick("", "-" + digits(4)), ["[0-9]{5}(-[0-9]{4})?"]),
    "date": (date, ["[0-9]{4}-[0-9]{2}-[0-9]{2}"]),
    "German date": (
        lambda: "%02d.%02d.%d" % (random.randint(1, 28), random.randint(1, 12), random.randint(1950, 2029)),
        [r"[0-9]{2}\.[0-9]{2}\.[0-9]{4}"]),
    "US date": (
        lambda: "%d/%d/%d" % (random.randint(1, 12), random.randint(1, 28), random.randint(1950, 2029)),
        ["[0-9]{1,2}/[0-9]{1,2}/[0-9]{4}"]),
    "time": (clock, ["[0-9]{2}:[0-9]{2}"]),
    "time with seconds": (lambda: clock() + ":%02d" % random.randint(0, 59), ["[0-9]{2}:[0-9]{2}:[0-9]{2}"]),
    "time of twelve hours": (
        lambda: "%d:%02d %s" % (random.randint(1, 12), random.randint(0, 59), pick("AM", "PM")),
        ["[0-9]{1,2}:[0-9]{2} [AP]M"]),
    "timestamp": (
        lambda: date() + "T" + clock() + ":%02dZ" % random.randint(0, 59),
        ["[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z"]),
    "ISO week": (lambda: "%d-W%02d" % (random.randint(1990, 2029), random.randint(1, 52)), ["[0-9]{4}-W[0-9]{2}"]),
    "US telephone": (lambda: f"({digits(3)}) {digits(3)}-{digits(4)}", [r"\([0-9]{3}\) [0-9]{3}-[0-9]{4}"]),
    "telephone": (lambda: f"{digits(3)}-{digits(3)}-{digits(4)}", ["[0-9]{3}-[0-9]{3}-[0-9]{4}"]),
    "international telephone": (
        lambda: f"+{number(1, 99)} {digits(random.randint(2, 3))} {digits(random.randint(5, 8))}",
        [r"\+[0-9]{1,2} [0-9]{2,3} [0-9]{5,8}", r"\+[0-9]+ [0-9]+ [0-9]+"]),
    "e-mail": (email, [r"[a-z0-9.]+@[a-z.]+", r"[a-z0-9.]+@[a-z.]+\.[a-z]+", r"[a-z0-9.]+@[a-z]+(\.[a-z]+)+"]),
    "web address": (
        lambda: pick("http", "https") + "://" + host() + pick("", "/" + word(), "/" + word() + "/" + word()),
        [r"https?://[a-z./]+", r"https?://[a-z]+\.[a-z]+(/[a-z]+)*"]),
    "domain": (lambda: pick("", "www.") + host(), [r"[a-z.]+", r"[a-z]+(\.[a-z]+)+", r"(www\.)?[a-z]+\.[a-z]+"]),
    "IPv4": (lambda: ".".join(number(0, 255) for _ in range(4)),
             [r"[0-9]{1,3}(\.[0-9]{1,3}){3}", r"[0-9]+\.[0-9]+\.[0-9]+\.[0-9]+"]),
    "MAC address": (lambda: ":".join(hexes(2) for _ in range(6)), ["[0-9a-f]{2}(:[0-9a-f]{2}){5}"]),
    "UUID": (lambda: "-".join(hexes(n) for n in (8, 4, 4, 4, 12)),
             ["[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"]),
    "colour": (lambda: "#" + hexes(6), ["#[0-9a-f]{6}"]),
    "short or long colour": (lambda: "#" + hexes(pick(3, 6)), ["#([0-9a-f]{3}|[0-9a-f]{6})", "#([0-9a-f]{3}){1,2}"]),
    "version": (semver, [r"[0-9]{1,2}\.[0-9]{1,2}\.[0-9]{1,2}", r"[0-9]+\.[0-9]+\.[0-9]+"]),
    "tag of a version": (lambda: "v" + semver(), [r"v[0-9]{1,2}\.[0-9]{1,2}\.[0-9]{1,2}", r"v[0-9]+\.[0-9]+\.[0-9]+"]),
    "HTTP method": (lambda: pick("GET", "POST", "PUT", "DELETE"), ["GET|POST|PUT|DELETE"]),
    "HTTP status": (lambda: pick("200", "201", "204", "301", "302", "400", "401", "403", "404", "500", "503"),
                    ["[0-9]{3}", "[1-5][0-9]{2}", "[2-5]0[0-9]", "[2-5]0[0-4]"]),
    "truth value": (lambda: pick("true", "false"), ["true|false"]),
    "answer": (lambda: pick("yes", "no", "maybe"), ["yes|no|maybe"]),
    "size": (lambda: pick("XS", "S", "M", "L", "XL"), ["XS|S|M|L|XL", "X?S|M|X?L"]),
    "weekday": (lambda: pick("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"),
                ["Mon|Tue|Wed|Thu|Fri|Sat|Sun", "[A-Z][a-z]{2}"]),
    "level of a log": (lambda: pick("DEBUG", "INFO", "WARN", "ERROR"), ["DEBUG|INFO|WARN|ERROR"]),
    "whole number": (lambda: number(0, 10 ** random.randint(1, 7)), ["[0-9]+", "[0-9]{1,7}"]),
    "signed number": (lambda: pick("", "-") + number(1, 10 ** random.randint(1, 5)), ["-?[0-9]+", "-?[0-9]{1,5}"]),
    "decimal": (lambda: number(0, 999) + "." + digits(2), [r"[0-9]+\.[0-9]{2}", r"[0-9]{1,3}\.[0-9]{2}"]),
    "any decimal": (lambda: number(0, 999) + pick("", "." + digits(random.randint(1, 3))),
                    [r"[0-9]+(\.[0-9]+)?", r"[0-9]{1,3}(\.[0-9]{1,3})?"]),
    "price": (lambda: "$" + number(1, 999) + "." + digits(2), [r"\$[0-9]+\.[0-9]{2}", r"\$[0-9]{1,3}\.[0-9]{2}"]),
    "price with groups": (lambda: "$" + amount(), [r"\$[0-9,]+\.[0-9]{2}", r"\$[0-9]{1,3}(,[0-9]{3})?\.[0-9]{2}",
                                                   r"\$[0-9]{1,3}(,[0-9]{3})*\.[0-9]{2}"]),
    "percentage": (lambda: number(0, 100) + "%", ["[0-9]+%", "[0-9]{1,3}%"]),
    "1 to 100": (lambda: number(1, 100), ["[0-9]{1,3}", "[0-9]+"]),
    "1 to 300": (lambda: number(1, 300), ["[0-9]{1,3}", "[0-9]+"]),
    "1 to 1000": (lambda: number(1, 1000), ["[0-9]{1,4}", "[0-9]+", "[0-9]{1,3}"]),
    "binary number": (lambda: "".join(random.choice("01") for _ in range(random.randint(4, 12))), ["[01]+", "[01]{4,12}"]),
    "byte in binary": (lambda: "".join(random.choice("01") for _ in range(8)), ["[01]{8}"]),
    "hexadecimal number": (lambda: "0x" + hexes(random.randint(2, 8), "ABCDEF"), ["0x[0-9A-F]+", "0x[0-9A-F]{2,8}"]),
    "snake case": (lambda: many("_", 2, 4, word), ["[a-z_]+", "[a-z]+(_[a-z]+)+", "[a-z]+(_[a-z]+){1,3}"]),
    "camel case": (camel, ["[a-zA-Z]+", "[a-z]+([A-Z][a-z]+)+", "[a-z]+[A-Za-z]+", "[a-z]+([A-Z][a-z]+){1,3}"]),
    "constant": (lambda: many("_", 1, 3, word).upper(), ["[A-Z_]+", "[A-Z]+(_[A-Z]+)*", "[A-Z]+(_[A-Z]+){0,2}"]),
    "slug": (lambda: many("-", 2, 5, word), ["[a-z-]+", "[a-z]+(-[a-z]+)+", "[a-z]+(-[a-z]+){1,4}"]),
    "text file": (lambda: many("_", 1, 2, word) + pick("", digits(1)) + ".txt", [r".*\.txt", r".+\.txt", r"[a-z0-9_]+\.txt"]),
    "image file": (lambda: word() + digits(random.randint(1, 3)) + pick(".jpg", ".png", ".gif"),
                   [r"[a-z]+[0-9]+\.(jpg|png|gif)", r"[a-z]+[0-9]{1,3}\.(jpg|png|gif)", r"[a-z0-9]+\.(jpg|png|gif)"]),
    "path": (lambda: "/" + many("/", 1, 5, word), ["(/[a-z]+)+", "/[a-z/]+", "(/[a-z]+){1,5}"]),
    "Windows path": (lambda: "C:\\" + many("\\", 1, 4, word), [r"C:(\\[a-z]+)+", r"C:\\.+", r"C:\\.*", r"C:\\[a-z\\]+"]),
    "line of a log": (
        lambda: "[" + pick("INFO", "WARN", "ERROR") + "] " + sentence(2, 6),
        [r"\[(INFO|WARN|ERROR)\] .+", r"\[[A-Z]+\] .+", r"\[(INFO|WARN|ERROR)\] .*", r"\[[A-Z]+\] .*",
         r"\[[A-Z]+\] [a-z ]+", r"\[(INFO|WARN|ERROR)\] [a-z ]+"]),
    "line of a log with a time": (
        lambda: date() + " " + clock() + ":%02d " % random.randint(0, 59) + pick("INFO", "WARN", "ERROR") + " "
        + sentence(2, 6) + pick("", ": " + number(1, 999), " (" + word() + ")"),
        [r"[0-9]{4}-[0-9]{2}-[0-9]{2} [0-9]{2}:[0-9]{2}:[0-9]{2} (INFO|WARN|ERROR) .+",
         r"[0-9]{4}-[0-9]{2}-[0-9]{2} [0-9]{2}:[0-9]{2}:[0-9]{2} [A-Z]+ .+",
         r"[0-9]{4}-[0-9]{2}-[0-9]{2} [0-9]{2}:[0-9]{2}:[0-9]{2} (INFO|WARN|ERROR) .*",
         r"[0-9]{4}-[0-9]{2}-[0-9]{2} [0-9]{2}:[0-9]{2}:[0-9]{2} [A-Z]+ .*"]),
    "bracketed": (lambda: "[" + pick(word(), digits(random.randint(1, 3)), word() + " " + word()) + "]",
                  [r"\[.*\]", r"\[.+\]", r"\[[a-z0-9 ]+\]"]),
    "bracketed word": (lambda: "[" + word() + "]", [r"\[[a-z]+\]", r"\[.+\]", r"\[.*\]"]),
    "quoted": (lambda: '"' + sentence(1, 4) + pick("", ".", "!") + '"', ['".*"', '".+"', '"[a-z !.]+"', '"[^"]*"', '"[^"]+"']),
    "HTML tag": (lambda: "<" + pick("", "/") + pick("b", "i", "p", "div", "span", "h1", "table", "em") + ">",
                 ["</?[a-z0-9]+>", "</?[a-z]+[0-9]?>", "<.+>", "<.*>", "<[^>]+>"]),
    "hashtag": (lambda: "#" + pick(word(), word() + word().capitalize(), word() + digits(2)),
                ["#[A-Za-z0-9]+", "#.+", "#[a-zA-Z]+[0-9]*", r"#\w+"]),
    "handle": (lambda: "@" + pick(word(), word() + "_" + word(), word() + digits(2)),
               ["@[a-z0-9_]+", r"@\w+", "@.+", "@[a-z_]+[0-9]*"]),
    "ISBN": (lambda: f"978-{digits(1)}-{digits(4)}-{digits(4)}-{digits(1)}", ["978-[0-9]-[0-9]{4}-[0-9]{4}-[0-9]"]),
    "card number": (lambda: " ".join(digits(4) for _ in range(4)), ["[0-9]{4}( [0-9]{4}){3}"]),
    "bank account": (lambda: "DE" + digits(20), ["DE[0-9]{20}"]),
    "licence plate": (lambda: uppers(3) + "-" + digits(3), ["[A-Z]{3}-[0-9]{3}"]),
    "German plate": (lambda: uppers(random.randint(1, 3)) + "-" + uppers(random.randint(1, 2)) + " " + number(1, 9999),
                     ["[A-Z]{1,3}-[A-Z]{1,2} [0-9]{1,4}", "[A-Z]+-[A-Z]+ [0-9]+"]),
    "article number": (lambda: uppers(2) + "-" + digits(5), ["[A-Z]{2}-[0-9]{5}"]),
    "ticker": (lambda: uppers(random.randint(1, 5)), ["[A-Z]{1,5}", "[A-Z]+"]),
    "name": (lambda: random.choice(NAMES) + " " + random.choice(SURNAMES), ["[A-Z][a-z]+ [A-Z][a-z]+"]),
    "initial and name": (lambda: uppers(1) + ". " + random.choice(SURNAMES), [r"[A-Z]\. [A-Z][a-z]+"]),
    "name, first name": (lambda: random.choice(SURNAMES) + ", " + random.choice(NAMES), ["[A-Z][a-z]+, [A-Z][a-z]+"]),
    "accented word": (lambda: random.choice(ACCENTED), [r"\p{L}+", "[A-Za-zÀ-ſ]+"]),
    "Russian word": (lambda: random.choice(RUSSIAN), ["[а-я]+", r"\p{Cyrillic}+", r"[а-яё]+"]),
    "Greek word": (lambda: random.choice(GREEK), ["[α-ωά-ώ]+", r"\p{Greek}+"]),
    "assignment": (lambda: word() + "=" + pick(word(), number(1, 999)), ["[a-z]+=[a-z0-9]+", "[a-z]+=.+", "[a-z]+=.*", "[a-z]+=([a-z]+|[0-9]+)"]),
    "list of numbers": (lambda: many(",", 2, 6, lambda: number(1, 999)), ["[0-9]+(,[0-9]+)+", "[0-9,]+", "[0-9]+(,[0-9]+)*"]),
    "list of words": (lambda: many(", ", 2, 4, word), ["[a-z]+(, [a-z]+)+", "[a-z, ]+", "[a-z]+(, [a-z]+)*", "[a-z]+(, [a-z]+){1,3}"]),
    "short hash": (lambda: hexes(7), ["[0-9a-f]{7}"]),
    "digest": (lambda: hexes(40), ["[0-9a-f]{40}"]),
    "coordinates": (
        lambda: f"{pick('', '-')}{number(0, 89)}.{digits(4)}, {pick('', '-')}{number(0, 179)}.{digits(4)}",
        [r"-?[0-9]+\.[0-9]{4}, -?[0-9]+\.[0-9]{4}", r"-?[0-9]{1,2}\.[0-9]{4}, -?[0-9]{1,3}\.[0-9]{4}", r"-?[0-9]+\.[0-9]+, -?[0-9]+\.[0-9]+"]),
    "temperature": (lambda: pick("", "-") + number(0, 45) + "." + digits(1) + "°C",
                    [r"-?[0-9]+\.[0-9]°C", r"-?[0-9]{1,2}\.[0-9]°C"]),
    "measure": (lambda: number(1, 500) + pick("kg", "cm", "g", "m"), ["[0-9]+(kg|cm|g|m)", "[0-9]{1,3}(kg|cm|g|m)", "[0-9]+[a-z]+", "[0-9]+k?g|[0-9]+c?m"]),
    "square of chess": (lambda: pick(*"abcdefgh") + pick(*"12345678"), ["[a-h][1-8]"]),
    "dice": (lambda: number(1, 9) + "d" + pick("4", "6", "8", "10", "12", "20"), ["[0-9]d[0-9]{1,2}", "[0-9]+d[0-9]+", "[1-9]d[0-9]+", "[0-9]d[0-9]+"]),
    "comment": (lambda: "// " + sentence(1, 6), ["// .*", "// .+", "// [a-z ]+", "//.*", "//.+"]),
    "heading": (lambda: "#" * random.randint(1, 3) + " " + sentence(1, 4).capitalize(), ["#+ .+", "#{1,3} .+", "#+ .*", "#{1,3} .*", "#+ [A-Z][a-z ]+"]),
    "to do": (lambda: "TODO: " + sentence(2, 5) + pick("", "!", "?"), ["TODO: .+", "TODO: .*"]),
    "variable of a shell": (lambda: "$" + many("_", 1, 2, word).upper(), [r"\$[A-Z_]+", r"\$[A-Z]+(_[A-Z]+)?", r"\$[A-Z]+(_[A-Z]+)*"]),
    "arXiv number": (lambda: "%02d%02d.%s" % (random.randint(10, 25), random.randint(1, 12), digits(5)), [r"[0-9]{4}\.[0-9]{5}"]),
    "commit message": (lambda: pick("fix", "feat", "docs") + ": " + sentence(2, 6),
                       ["(fix|feat|docs): .+", "[a-z]+: .+", "(fix|feat|docs): [a-z ]+", "(fix|feat|docs): .*", "[a-z]+: .*", "[a-z]+: [a-z ]+"]),
    "MIME type": (lambda: pick("text", "image", "video", "audio", "application") + "/" + pick("plain", "png", "html", "mpeg", "json", "mp4", "gif", "css"),
                  ["[a-z]+/[a-z0-9]+", "[a-z]+/.+", "[a-z]+/[a-z]+[0-9]?"]),
    "sentence": (lambda: sentence(3, 8).capitalize() + ".", [r"[A-Z].*\.", r"[A-Z][a-z ]+\.", r".*\.", r".+\.", r"[A-Z].+\."]),
    "words": (lambda: sentence(2, 5), ["[a-z ]+", "[a-z]+( [a-z]+)+", "[a-z]+( [a-z]+)*", "[a-z]+( [a-z]+){1,4}"]),
    "order": (lambda: "ORD-" + digits(4) + pick("-A", "-B", "-C"), ["ORD-[0-9]{4}-[A-C]", "ORD-[0-9]{4}-[ABC]", "ORD-[0-9]{4}-[A-Z]"]),
    "seat": (lambda: number(1, 40) + pick(*"ABCDEF"), ["[0-9]{1,2}[A-F]", "[0-9]+[A-F]", "[0-9]+[A-Z]", "[0-9]{1,2}[A-Z]"]),
    "password of three words": (lambda: "-".join(word() for _ in range(3)), ["[a-z]+-[a-z]+-[a-z]+", "[a-z]+(-[a-z]+){2}"]),
}
