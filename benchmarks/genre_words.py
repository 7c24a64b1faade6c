"""Parts of invented sentences in six languages, for benchmarks/genres.py."""

from __future__ import annotations

from typing import NamedTuple


class Words(NamedTuple):
    """What the texts of one language are made of."""

    join: str
    """What stands between the parts of a sentence."""
    stop: str
    names: list[str]
    places: list[str]
    who: list[str]
    did: list[str]
    why: list[str]
    verse: list[str]
    foods: list[str]
    steps: list[str]
    recipe: list[str]
    """Headings of a recipe: servings, time, ingredients, method."""
    questions: list[str]
    answers: list[str]
    items: list[str]
    """Items of a list."""
    terms: list[str]
    """Names and short notes in a manual."""
    votes: list[str]
    """Heading, seats, and turnout of an election."""


def _list(text: str) -> list[str]:
    return text.split(" | ")


ENGLISH = Words(
    join=" ",
    stop=".",
    names=_list("Derya Kaplan | Tom Asher | Ina Brod | Bo Renk | Petra Quill | Nils Lind | Mara Tindall | Jo Venn"),
    places=_list("Ostwick | Lowmoor | the old mill | Harbour ward | the eastern quay | Upper Marlow | the quarry"),
    who=_list(
        "The harbour master | A baker from Lowmoor | The council | Nobody on the pier | My grandmother | The pilot"
    ),
    did=_list(
        "closed the gate for the night | asked for a second key | counted the boats again | "
        "walked home in the rain | found the letter in a drawer | wants to try it once more | "
        "never spoke about the storm"
    ),
    why=_list(
        "because the chain had slipped | after a long meeting | and did not look back | "
        "while the band played on | as the water rose | before anybody noticed | without a word"
    ),
    verse=_list(
        "Share the bread, the salt, the chair, | the rope is old, the knot is new, | "
        "and nobody asks the tide, | print of boot and print of glove | Follow me, the river said | "
        "the mill has ground the last of light | a gull, a nail, a length of twine | "
        "read more, said the sea, of me | we left the lamp beside the door"
    ),
    foods=_list(
        "500 g strong flour | 1 tsp salt | 7 g dried yeast | 300 ml warm water | 2 onions, sliced | "
        "A little oil | 3 eggs | ½ cup sugar | Black pepper | 2 cloves garlic"
    ),
    steps=_list(
        "Mix the flour and the salt. | Knead for ten minutes. | Leave to rise for an hour. | "
        "Fry until soft. | Bake at 220 C until it sounds hollow. | Season and serve."
    ),
    recipe=_list("Serves {} | Prep time: {} minutes | Ingredients | Method"),
    questions=_list(
        "Why stop now? | Is that all? | What will you miss? | And the passengers? | Did you ever turn back?"
    ),
    answers=_list("My knees. | It is two of them. | The first boat in winter. | Some. | Once, in fog."),
    items=_list(
        "A torch and spare batteries | Two pairs of dry socks | The tide table for the week | "
        "A whistle | Tea, sugar and a kettle | Rope, at least ten metres | "
        "The number of the coastguard | Matches"
    ),
    terms=_list(
        "open(path) | Default: 30 seconds | Returns a list of stations | --verbose | Type: integer | Since 2.1"
    ),
    votes=_list("Results by ward | ({}) {} | Turnout {} per cent"),
)
GERMAN = Words(
    join=" ",
    stop=".",
    names=_list("Derya Kaplan | Uwe Asch | Ina Brod | Bo Renk | Petra Quill | Nils Lind | Mara Tindal | Jo Wenn"),
    places=_list("Ostwick | Niedermoor | die alte Mühle | Hafenviertel | der Ostkai | Obermarl | der Steinbruch"),
    who=_list("Der Hafenmeister | Eine Bäckerin | Der Stadtrat | Niemand am Pier | Meine Großmutter | Der Lotse"),
    did=_list(
        "schloss das Tor für die Nacht | bat um einen zweiten Schlüssel | "
        "zählte die Boote noch einmal | ging im Regen nach Hause | fand den Brief in einer Schublade | "
        "sprach nie über den Sturm"
    ),
    why=_list(
        "weil die Kette gerissen war | nach langer Sitzung | und sah sich nicht um | "
        "als das Wasser stieg | bevor es jemand merkte | ohne ein Wort"
    ),
    verse=_list(
        "Teile das Brot, das Salz, den Stuhl, | das Seil ist alt, der Knoten neu, | "
        "und niemand fragt die Flut | Folge mir, sagte der Fluss | die Mühle mahlt das letzte Licht | "
        "ein Nagel, eine Möwe, Garn | wir ließen die Lampe an der Tür | lies mehr von mir, sagte die See"
    ),
    foods=_list("500 g Mehl | 1 TL Salz | 7 g Hefe | 300 ml Wasser | 2 Zwiebeln | Etwas Öl | 3 Eier | 1 Prise Zucker"),
    steps=_list(
        "Mehl und Salz mischen. | Zehn Minuten kneten. | Eine Stunde gehen lassen. | Weich dünsten. | "
        "Bei 220 Grad backen. | Abschmecken und servieren."
    ),
    recipe=_list("Für {} Personen | Zubereitung: {} Minuten | Zutaten | Zubereitung"),
    questions=_list(
        "Warum jetzt? | Ist das alles? | Was wird Ihnen fehlen? | Und die Fahrgäste? | Sind Sie je umgekehrt?"
    ),
    answers=_list("Die Knie. | Es sind ja zwei. | Das erste Boot im Winter. | Manche. | Einmal, im Nebel."),
    items=_list(
        "Eine Lampe und Batterien | Zwei Paar trockene Socken | Die Gezeitentafel | Eine Pfeife | "
        "Tee, Zucker und ein Kessel | Seil, mindestens zehn Meter | Streichhölzer"
    ),
    terms=_list("open(pfad) | Standard: 30 Sekunden | Gibt eine Liste zurück | --verbose | Typ: Ganzzahl | Seit 2.1"),
    votes=_list("Ergebnisse nach Bezirk | ({}) {} | Wahlbeteiligung {} Prozent"),
)
FRENCH = Words(
    join=" ",
    stop=".",
    names=_list(
        "Derya Kaplan | Luc Assier | Inès Brod | Paul Renk | Petra Quille | Nils Lind | Mara Tindal | Jo Venne"
    ),
    places=_list("Ostwick | Bas-Marais | le vieux moulin | Le Port | le quai est | Haut-Marlou | la carrière"),
    who=_list("Le capitaine du port | Une boulangère | Le conseil | Personne sur le quai | Ma grand-mère | Le pilote"),
    did=_list(
        "a fermé la grille pour la nuit | a demandé une seconde clé | a recompté les bateaux | "
        "est rentré sous la pluie | a trouvé la lettre dans un tiroir | n'a jamais parlé de la tempête"
    ),
    why=_list(
        "parce que la chaîne avait cédé | après une longue réunion | sans se retourner | "
        "quand l'eau est montée | avant que personne ne le voie | sans un mot"
    ),
    verse=_list(
        "Partage le pain, le sel, la chaise, | la corde est vieille, le nœud est neuf, | "
        "et nul n'interroge la mer | Suis-moi, disait la rivière | le moulin moud le dernier jour | "
        "une mouette, un clou, du fil | nous laissions la lampe à la porte | "
        "lis encore, dit la mer, lis-moi"
    ),
    foods=_list(
        "500 g de farine | 1 c. à café de sel | 7 g de levure | 300 ml d'eau | 2 oignons | Un peu d'huile | 3 œufs"
    ),
    steps=_list(
        "Mélanger la farine et le sel. | Pétrir dix minutes. | Laisser lever une heure. | "
        "Faire revenir. | Cuire à 220 °C. | Assaisonner et servir."
    ),
    recipe=_list("Pour {} personnes | Préparation : {} minutes | Ingrédients | Préparation"),
    questions=_list(
        "Pourquoi maintenant ? | C'est tout ? | Qu'est-ce qui vous manquera ? | Et les passagers ? | "
        "Jamais fait demi-tour ?"
    ),
    answers=_list("Mes genoux. | Il y en a deux. | Le premier bac d'hiver. | Quelques-uns. | Une fois, dans la brume."),
    items=_list(
        "Une lampe et des piles | Deux paires de chaussettes | La table des marées | Un sifflet | "
        "Du thé, du sucre, une bouilloire | Une corde de dix mètres | Des allumettes"
    ),
    terms=_list("open(chemin) | Par défaut : 30 secondes | Renvoie une liste | --verbose | Type : entier | Depuis 2.1"),
    votes=_list("Résultats par quartier | ({}) {} | Participation : {} %"),
)
SPANISH = Words(
    join=" ",
    stop=".",
    names=_list(
        "Derya Kaplan | Tomás Ascher | Inés Brod | Blas Renco | Petra Quil | Nilo Linde | Mara Tindal | Jo Vena"
    ),
    places=_list("Ostwick | Bajomar | el viejo molino | El Puerto | el muelle este | Alto Marlo | la cantera"),
    who=_list("El capitán del puerto | Una panadera | El ayuntamiento | Nadie en el muelle | Mi abuela | El práctico"),
    did=_list(
        "cerró la verja por la noche | pidió una segunda llave | volvió a contar los barcos | "
        "volvió a casa bajo la lluvia | encontró la carta en un cajón | nunca habló de la tormenta"
    ),
    why=_list(
        "porque la cadena había cedido | tras una larga reunión | sin mirar atrás | "
        "cuando subió el agua | antes de que nadie lo viera | sin decir palabra"
    ),
    verse=_list(
        "Comparte el pan, la sal, la silla, | la cuerda es vieja, el nudo es nuevo, | "
        "y nadie pregunta al mar | Sígueme, dijo el río | el molino muele la última luz | "
        "una gaviota, un clavo, un hilo | dejamos la lámpara en la puerta | lee más, dijo el mar, de mí"
    ),
    foods=_list(
        "500 g de harina | 1 cdta. de sal | 7 g de levadura | 300 ml de agua | 2 cebollas | "
        "Un poco de aceite | 3 huevos"
    ),
    steps=_list(
        "Mezclar la harina y la sal. | Amasar diez minutos. | Dejar reposar una hora. | Sofreír. | "
        "Hornear a 220 grados. | Sazonar y servir."
    ),
    recipe=_list("Para {} personas | Tiempo: {} minutos | Ingredientes | Preparación"),
    questions=_list(
        "¿Por qué ahora? | ¿Eso es todo? | ¿Qué echará de menos? | ¿Y los pasajeros? | ¿Alguna vez dio la vuelta?"
    ),
    answers=_list("Las rodillas. | Son dos. | El primer barco del invierno. | Algunos. | Una vez, con niebla."),
    items=_list(
        "Una linterna y pilas | Dos pares de calcetines | La tabla de mareas | Un silbato | "
        "Té, azúcar y una tetera | Diez metros de cuerda | Cerillas"
    ),
    terms=_list("open(ruta) | Por defecto: 30 segundos | Devuelve una lista | --verbose | Tipo: entero | Desde 2.1"),
    votes=_list("Resultados por distrito | ({}) {} | Participación: {} %"),
)
RUSSIAN = Words(
    join=" ",
    stop=".",
    names=_list("Дарья Каплан | Том Ашер | Инна Брод | Борис Ренк | Вера Квилл | Нил Линд | Мара Тинда | Яна Венн"),
    places=_list(
        "Оствик | Нижнее болото | старая мельница | Портовый район | восточный причал | Верхний Марл | карьер"
    ),
    who=_list("Начальник порта | Пекарь из Марла | Совет | Никто на пирсе | Мой дед | Лоцман"),
    did=_list(
        "закрыл ворота на ночь | попросил второй ключ | пересчитал лодки | пошёл домой под дождём | "
        "нашёл письмо в ящике | не говорил о буре"
    ),
    why=_list(
        "потому что лопнула цепь | после долгого собрания | и не оглянулся | когда поднялась вода | "
        "пока никто не видел | не сказав ни слова"
    ),
    verse=_list(
        "Раздели хлеб, и соль, и стул, | верёвка стара, а узел нов, | и никто не спросит прилив | "
        "Иди за мной, сказала река | мельница смолола последний свет | чайка, гвоздь и моток бечёвки | "
        "мы оставили лампу у дверей | читай ещё, сказало море"
    ),
    foods=_list("500 г муки | 1 ч. л. соли | 7 г дрожжей | 300 мл воды | 2 луковицы | Немного масла | 3 яйца"),
    steps=_list(
        "Смешать муку и соль. | Месить десять минут. | Оставить на час. | Обжарить. | "
        "Выпекать при 220 градусах. | Приправить и подать."
    ),
    recipe=_list("На {} порций | Время: {} минут | Ингредиенты | Приготовление"),
    questions=_list("Почему сейчас? | И это всё? | Чего будет не хватать? | А пассажиры? | Вы хоть раз поворачивали?"),
    answers=_list("Колени. | Их два. | Первой лодки зимой. | Некоторые. | Однажды, в туман."),
    items=_list(
        "Фонарь и батарейки | Две пары сухих носков | Таблица приливов | Свисток | "
        "Чай, сахар и чайник | Десять метров верёвки | Спички"
    ),
    terms=_list("open(путь) | По умолчанию: 30 секунд | Возвращает список | --verbose | Тип: целое | С версии 2.1"),
    votes=_list("Результаты по округам | ({}) {} | Явка {} процентов"),
)
CHINESE = Words(
    join="",
    stop="。",
    names=_list("林德雅 | 陈托马 | 布伊娜 | 任博文 | 秦佩君 | 李宁远 | 田玛莉 | 文乔治"),
    places=_list("奥斯维克 | 低泽 | 老磨坊 | 港区 | 东码头 | 上马洛 | 采石场"),
    who=_list("港务长 | 一位面包师 | 镇议会 | 码头上没有人 | 我的祖母 | 引水员"),
    did=_list(
        "把大门锁了一整夜 | 要求再配一把钥匙 | 又把船数了一遍 | 冒雨走回了家 | 在抽屉里找到了那封信 | 从不谈起那场风暴"
    ),
    why=_list("因为铁链断了 | 在一场漫长的会议之后 | 头也不回 | 那时水正在上涨 | 趁没有人注意 | 一句话也没说"),
    verse=_list(
        "分享面包和盐 | 绳子旧了，结是新的 | 没有人去问潮水 | 跟我来，河水说 | 磨坊磨碎了最后的光 | "
        "一只海鸥，一枚钉 | 我们把灯留在门边 | 再读一些，大海说"
    ),
    foods=_list("面粉500克 | 盐1茶匙 | 酵母7克 | 温水300毫升 | 洋葱2个 | 油少许 | 鸡蛋3个"),
    steps=_list("把面粉和盐混合。 | 揉十分钟。 | 静置一小时。 | 炒软。 | 用220度烤熟。 | 调味后上桌。"),
    recipe=_list("{}人份 | 准备时间：{}分钟 | 材料 | 做法"),
    questions=_list("为什么现在停？ | 就这些吗？ | 你会想念什么？ | 乘客呢？ | 有没有掉过头？"),
    answers=_list("膝盖。 | 有两个。 | 冬天的第一班船。 | 有一些。 | 一次，在雾里。"),
    items=_list("手电筒和电池 | 两双干袜子 | 本周潮汐表 | 哨子 | 茶、糖和水壶 | 十米长的绳子 | 火柴"),
    terms=_list("open(路径) | 默认：30秒 | 返回一个列表 | --verbose | 类型：整数 | 自2.1版起"),
    votes=_list("各区结果 | （{}）{} | 投票率百分之{}"),
)
LANGUAGES = {"en": ENGLISH, "de": GERMAN, "fr": FRENCH, "es": SPANISH, "ru": RUSSIAN, "zh": CHINESE}
