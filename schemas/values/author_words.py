"""The words of bylines: what stands before names, agencies, roles, desks, and names of nobody."""

from __future__ import annotations

import regex

# Before a name. Those that may begin a name, such as `Von` and `Di`, need two words behind them: see `PARTICLE_BYLINE`.
PREFIX = regex.compile(
    r"(?:(?:(?:written|posted|published|reported|compiled|edited|updated|words|story|report|text|article|column"
    r"|analysis"
    r"|opinion|interview|review|additional reporting|reporting|photos?|photographs?|pictures?|video|graphics?"
    r"|illustrations?) )?by(?=[\s:])"
    r"|(?:story|report|reporting|words|interview|bericht|von|fotos?|text) *(?=:)|autor(?:/in|:in|\*in|in)"
    r"|authors?|autore?n?(?:es|as)?|autora|auteurs?|autori|författare|tekijä|autorzy|yazar|penulis|oleh|tác giả|theo"
    r"|автор(?:ы)?|текст|texte?|texto|testo|tekst|foto[s]?|fotos?|photos?|bild(?:er)?|bericht|rédigé par"
    r"|écrit par|publié par"
    r"|escrito por|publicado por|redacción|redacao|scritto da|geschreven door|geschrieben von|verfasst von|a cura di"
    r"|par(?=\s)|por(?=\s)|door(?=\s)|av(?=\s)|af(?=\s)|oleh(?=\s)|opracował[a]?|napisał[a]?|rozmawiał[a]?"
    r"|skrevet av|skrevet af"
    r"|作者|文|记者|記者|撰文|责编|責編|责任编辑|編集|编辑|編輯|文字|来源|글|취재|كتب|بقلم|تأليف|מאת|του|της|Του|Της)"
    r"(?:\s*[:：/]\s*|\s+|(?<=[\p{Han}])(?=[\p{Han}]))",
    regex.IGNORECASE,
)
TEXT_AND_PHOTOS = regex.compile(
    r"^(?:text|texte|story|words)(?: und | et | and | & )(?:fotos?|photos?|bilder|pictures)(?: by\s|\s*:)\s*",
    regex.IGNORECASE,
)
PARTICLE_BYLINE = regex.compile(r"(?:Von|VON|Di|DI|Da|DA|De|DE|Af|Av|Od|Od:|By|BY)\s+(?=\p{Lu}[^\s,]*\s+\S+)")
SOURCE_OF_ROLE = {
    "photo": "photos",
    "picture": "photos",
    "foto": "photos",
    "bild": "photos",
    "video": "video",
    "graphic": "graphics",
    "illustration": "illustrations",
    "edited": "editor",
    "additional": "additional reporting",
    **{word: word for word in ("责编", "責編", "责任编辑", "編集", "编辑", "編輯")},
}
"""The role that words before a name give: `Photos by` makes a photographer."""

AGENCIES = {
    name.casefold(): name
    for name in (
        "Reuters|Thomson Reuters|AP|Associated Press|The Associated Press|AFP|Agence France-Presse|dpa|dpa-AFX|"
        "DPA|UPI|PA|"
        "PA Media|Press Association|PTI|Press Trust of India|ANI|IANS|Xinhua|"
        "Xinhua News Agency|新华社|新華社|TASS|ТАСС|"
        "Interfax|Интерфакс|RIA Novosti|РИА Новости|Bloomberg|Bloomberg News|EFE|Agencia EFE|Europa Press|ANSA|"
        "Adnkronos|"
        "AGI|LaPresse|ANP|Belga|ATS|Keystone-SDA|SDA|APA|KNA|epd|EPD|sid|SID|TT|NTB|Ritzau|STT|BNS|PAP|ČTK|TASR|"
        "MTI|Agerpres|"
        "Lusa|Agência Lusa|Agência Brasil|Estadão Conteúdo|Folhapress|Telam|"
        "Télam|Notimex|Kyodo|Kyodo News|共同通信|Jiji|"
        "時事通信|Yonhap|연합뉴스|뉴시스|뉴스1|CNA|中央社|Antara|Bernama|VNA|TTXVN|Anadolu|"
        "Anadolu Agency|Anadolu Ajansı|AA|DHA|"
        "İHA|IRNA|WAM|SPA|MENA|واس|وام|رويترز|أ ف ب|وكالات|CNN|BBC|Canadian Press|The Canadian Press|AAP|"
        "Australian Associated Press|NZPA|ITAR-TASS|Ukrinform|Укринформ|УНИАН|Getty Images|ZUMA Press|newswire|"
        "Agencies|"
        "Agencias|Agences|Agenturen|Agenzie|Agência Estado|Business Wire|PR Newswire|GlobeNewswire|Dow Jones|IPS|KCNA"
    ).split("|")
}
"""News agencies, and services that sign like them, by their folded name."""

_ROLE_WORDS = (
    r"reporters?|editors?|correspondents?|writers?|columnists?|journalists?"
    r"|producers?|analysts?|contributors?|critics?"
    r"|photographers?|photojournalists?|freelancers?|bloggers?|interns?|anchors?|presenters?|specialists?|fellows?"
    r"|executives?|directors?|managers?|professors?|lecturers?|researchers?|economists?|chiefs?|publishers?"
    r"|redakteur(?:e|in|innen)?|korrespondent(?:in|en|innen)?|volontär(?:in)?"
    r"|chefredakteur(?:in)?|journalistin(?:nen)?"
    r"|fotograf(?:in|en|o|a|i)?|journalistes?|rédact(?:eurs?|rices?)|correspondante?s?|envoyée?s? spécia(?:le?s?|ux)"
    r"|grands? reporters?|periodistas?|redactor(?:a|es)?|corresponsal(?:es)?"
    r"|enviad[oa]s? especial(?:es)?|columnistas?"
    r"|jornalistas?|repórter(?:es)?|editora|colunistas?|redattor[ei]|redattrice|giornalist[aei]|inviat[oaei]"
    r"|corrispondent[ei]|verslaggever(?:s)?|redacteur(?:en)?|correspondenten|journalisten|columnisten"
    r"|dziennikar(?:z|ka|ze)"
    r"|reporter(?:ka|zy)|redaktor(?:ka|zy)?|korespondent(?:ka)?|журналист(?:ка|ы)?|корреспондент(?:ка|ы)?|редактор"
    r"|обозреватель|muhabir(?:i)?|editör|yazar(?:ı)?|wartawan|reportase|kontributor|penulis|phóng viên|biên tập viên"
    r"|journalist(?:er)?|skribent|kommentator|toimittaja|صحفي|صحفية|مراسل"
    r"|مراسلة|محرر|कोरेस्पॉन्डेंट|संवाददाता|पत्रकार"
    r"|记者|記者|编辑|編輯|編集|責编|责编|通讯员|특파원|기자|인턴기자|선임기자|논설위원|記者たち"
)
ROLE = regex.compile(rf"(?<![\p{{L}}])(?:{_ROLE_WORDS})(?![\p{{L}}])", regex.IGNORECASE)
ROLE_BEHIND = regex.compile(
    r"(?P<name>[\p{Hangul}]{2,4})\s*(?P<role>(?:인턴|선임|수습|전문)?기자|특파원|논설위원|앵커)"
    r"|(?P<name2>[\p{Han}]{2,4})\s*(?P<role2>记者|記者|编辑)"
)
"""Korean and Chinese roles, which follow the name."""
DESK = regex.compile(
    r"(?<![\p{L}])(?:(?:news|web|sports?|city|foreign|business|digital|online|copy|national|world)?\s?(?:desk"
    r"|team|room)"
    r"|newsdesk|newsroom|web\s?desk|editorial(?: board| team| staff| desk)?|board|staff(?: report(?:er)?s?)?"
    r"|bureau|newswire"
    r"|wire (?:services?|reports?)|news (?:service|agency|team|staff)"
    r"|press release|redaktion(?:steam)?|onlineredaktion"
    r"|la rédaction|rédaction|la redacción|redacción|redação|da redação|redazione|la redazione|redactie"
    r"|onze redactie|redakcja"
    r"|redaksi|редакция|haber merkezi|yayın kurulu|redaktionen|toimitus"
    r"|ban biên tập|編集部|编辑部|本报讯|本报|편집부|온라인뉴스팀"
    r"|디지털뉴스팀|뉴스팀|هيئة التحرير|التحرير|σύνταξη|news service|partner content"
    r"|sponsored|advertorial|guest|contributed)"
    r"(?![\p{L}])",
    regex.IGNORECASE,
)
ORGANISATION = regex.compile(
    r"(?<![\p{L}])(?:times|news|post|daily|tribune|press|media|tv|radio|agency|magazine|gazette|herald"
    r"|chronicle|journal|weekly"
    r"|zeitung|rundschau|anzeiger|kurier|nachrichten|verlag|gmbh|inc|ltd|llc|corp|university|institute|ministry"
    r"|department"
    r"|office|government|association|foundation|network|group|studios?|online|\.com|\.org|\.net|lantern"
    r"|observer|courier"
    r"|diario|periódico|journal|gazzetta|corriere|giornale|jornal|krant|dagblad|gazeta|tidning|wire|bulletin|report)"
    r"(?![\p{L}])",
    regex.IGNORECASE,
)
NOBODY = frozenset(
    "admin administrator root webmaster user author unknown anonymous anonym anonyme none null nan n/a na - -- "
    "staff editor "
    "editors guest system test default super superuser webadmin wpadmin info contact contactus news support "
    "team moderator "
    "undefined autor redaktion redacción rédaction redazione redactie redakcja редакция desk newsroom newsdesk "
    "post online "
    "website site rss bot updated published posted modified aktualisiert publié publicado share follow content "
    "seo marketing office press sponsored advertisement print digital true false red kzl".split()
)
SUFFIX = regex.compile(r"(?:jr|sr|ii|iii|iv|ph\.?\s?d|m\.?d|esq|mba|cfa|rn|mp|mep|obe|cbe|jd)\.?", regex.IGNORECASE)
PARTICLES = frozenset(
    "van von der den de del della di da do dos das du la le el al bin ibn binti bint ben ter ten te zu zum zur "
    "af av of y e i "
    "und abu umm dela st ap mac vom im op het".split()
)
AND = regex.compile(
    r"\s*[;|\n\r\t•·、；]\s*|\s+(?:&|\+|and|und|et|og|och|ja|oraz|и|та|και|ve|dan|và|with|mit|avec|con|met|med)\s+"
    r"|\s*(?:\bAND\b|\bUND\b|\bET\b)\s*|\s+[–—/-]\s+|(?<=\p{Han})[和与與,，](?=\p{Han})|\s*，\s*|\s*،\s*"
    r"|\s+و\s*(?=\p{Arabic})"
)
WEAK_AND = regex.compile(r"\s+(?:y|e|i|en|a|of)\s+")
"""Words between two names that occur within names, too: they divide only between names of two words."""
OTHERS = regex.compile(
    r"\s+(?:et al\.?|and others|u\.\s?a\.|et autres|y otros|e altri|и др\.?)(?=\s|$)", regex.IGNORECASE
)
TAIL = regex.compile(
    r"(?<=\p{Ll})[,.]?\s+(?:(?:last )?(?:updated|published|posted|modified)|aktualisiert|mis à jour|publié le"
    r"|actualizado|publicado)"
    r"(?:\s.*)?$|(?<=\p{L}\p{Ll} \p{Lu}[\p{Ll}]{1,20}) (?:in|at|for|from|für|aus|bei|à) (?=\p{Lu}|the |die "
    r"|das |den )\S.*$",
    regex.IGNORECASE,
)
"""What follows a name: when it was changed, where the author is, whom the author writes for."""
PLACES = frozenset(
    "berlin london paris washington moscow moskau moscou madrid rome rom roma vienna wien brussels brüssel "
    "bruxelles tokyo "
    "beijing peking delhi mumbai sydney melbourne toronto ottawa nairobi cairo jerusalem beirut istanbul ankara "
    "athens lisbon "
    "lisboa dublin edinburgh belfast glasgow cardiff warsaw warschau warszawa prague prag budapest kyiv kiev "
    "geneva zürich "
    "zurich hamburg münchen munich köln frankfurt stuttgart düsseldorf leipzig dresden lyon marseille barcelona "
    "milano milan "
    "amsterdam stockholm oslo copenhagen helsinki singapore jakarta manila bangkok hanoi seoul taipei chicago "
    "boston".split()
)
"""Places that stand behind a name, as first names do."""
