"""Two friendly words for an anonymous number, the same ones for ever: visitors have no names."""

import hashlib

# English; Spanish for a noun that is masculine, and for one that is feminine.
_QUALITIES = """
quiet: tranquilo tranquila | brave: valiente valiente | clever: listo lista | gentle: amable amable
merry: alegre alegre | swift: veloz veloz | calm: sereno serena | curious: curioso curiosa
patient: paciente paciente | tidy: ordenado ordenada | sunny: soleado soleada | kind: bondadoso bondadosa
nimble: ágil ágil | honest: sincero sincera | playful: juguetón juguetona | golden: dorado dorada
silver: plateado plateada | blue: azul azul | green: verde verde | violet: violeta violeta
scarlet: escarlata escarlata | amber: ambarino ambarina | polite: cortés cortés | cheerful: risueño risueña
lively: animado animada | cosy: acogedor acogedora | modest: modesto modesta | noble: noble noble
loyal: leal leal | bright: brillante brillante | dreamy: soñador soñadora | wise: sabio sabia
bold: audaz audaz | young: joven joven | witty: ingenioso ingeniosa | graceful: elegante elegante
hopeful: esperanzado esperanzada | careful: cuidadoso cuidadosa | eager: entusiasta entusiasta | famous: famoso famosa
friendly: simpático simpática | generous: generoso generosa | grateful: agradecido agradecida | happy: feliz feliz
humble: humilde humilde | inventive: inventivo inventiva | jolly: jovial jovial | keen: aplicado aplicada
lucky: afortunado afortunada | musical: musical musical | neat: pulcro pulcra | orange: naranja naranja
peaceful: pacífico pacífica | proud: orgulloso orgullosa | punctual: puntual puntual | radiant: radiante radiante
relaxed: relajado relajada | snowy: nevado nevada | starry: estrellado estrellada | steady: constante constante
tireless: incansable incansable | warm: cálido cálida | thoughtful: pensativo pensativa | wandering: viajero viajera
"""

# English; Spanish; its gender there.
_CREATURES = """
otter: nutria f | fox: zorro m | heron: garza f | owl: búho m
badger: tejón m | hare: liebre f | dolphin: delfín m | turtle: tortuga f
sparrow: gorrión m | swallow: golondrina f | squirrel: ardilla f | deer: ciervo m
panda: panda m | koala: koala m | lynx: lince m | penguin: pingüino m
narwhal: narval m | ibis: ibis m | seagull: gaviota f | dragonfly: libélula f
firefly: luciérnaga f | bee: abeja f | robin: petirrojo m | stork: cigüeña f
crane: grulla f | swan: cisne m | partridge: perdiz f | quail: codorniz f
eagle: águila f | falcon: halcón m | kestrel: cernícalo m | puffin: frailecillo m
pelican: pelícano m | flamingo: flamenco m | parrot: loro m | toucan: tucán m
hummingbird: colibrí m | hoopoe: abubilla f | lark: alondra f | nightingale: ruiseñor m
reindeer: reno m | giraffe: jirafa f | zebra: cebra f | elephant: elefante m
tiger: tigre m | lion: león m | panther: pantera f | bear: oso m
bison: bisonte m | horse: caballo m | llama: llama f | alpaca: alpaca f
gazelle: gacela f | sheep: oveja f | cat: gato m | chinchilla: chinchilla f
hedgehog: erizo m | dormouse: lirón m | tapir: tapir m | marmot: marmota f
manatee: manatí m | seahorse: hipocampo m | salmon: salmón m | cricket: grillo m
"""


def _rows(table: str) -> list[tuple[str, str, str]]:
    rows = (row.partition(":") for line in table.split("\n") for row in line.split("|") if row.strip())
    return [(english.strip(), *spanish.split()) for english, _, spanish in rows]  # type: ignore[misc]


QUALITIES, CREATURES = _rows(_QUALITIES), _rows(_CREATURES)


def friendly_name(number: str, language: str) -> str:
    """Two words for this anonymous number, in "en" or "es": "Quiet Otter", "Nutria tranquila".

    There are 64 x 64 such names, so that of a class of thirty two may share one, once in ten classes: what is done to
    a visitor's lessons is done by the number.
    """
    place = int.from_bytes(hashlib.sha256(number.encode()).digest()[:4]) % (len(QUALITIES) * len(CREATURES))
    english, masculine, feminine = QUALITIES[place // len(CREATURES)]
    creature, spanish, gender = CREATURES[place % len(CREATURES)]
    if language == "es":
        return f"{spanish} {masculine if gender == 'm' else feminine}".capitalize()
    return f"{english} {creature}".title()
