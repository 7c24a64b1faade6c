"""The names of fields in languages other than English, as people name the columns of their own exports.

Names match without case, separators and camel case; a name with accents matches without them as well. One with a
question mark is used only for values that fit the field well, as `data` is a date in some languages only. A word that
means two fields (`rubrik`: a headline in Swedish, a section in German) is left out of the rarer one.
"""

from __future__ import annotations

import unicodedata

_WORDS: dict[str, str] = {
    "url": """
        adresse? lien enlace collegamento ligação odkaz bağlantı tautan ссылка адрес? đường_dẫn 链接 連結 网址
        網址 リンク 링크 주소? الرابط लिंक
    """,
    "source_name": """
        quelle? medium? medien? zeitung journal? fuente? medio? periódico fonte? veículo? jornal testata? bron? krant
        źródło? gazeta? zdroj? kaynak? sumber? источник? издание källa? nguồn? 来源? 來源? 媒体? 媒體? 出典?
        媒体名 出处? 출처? 언론사 매체? المصدر? स्रोत?
    """,
    "headline": """
        τίτλος overskrift otsikko manchete cím titlu наслов заглавие כותרת عنوان หัวข้อ
        überschrift ueberschrift schlagzeile titre título titular titolo kop tytuł nagłówek titulek nadpis
        başlık judul judul_berita заголовок название? tiêu_đề 标题 標題 題名 タイトル 見出し 제목 العنوان शीर्षक
    """,
    "description": """
        zusammenfassung vorspann anreißer résumé chapô chapo resumen bajada entradilla resumo linha_fina
        riassunto sommario occhiello samenvatting streszczenie zajawka perex özet ringkasan описание аннотация
        анонс ingress tóm_tắt 摘要 概要 要約 요약 الملخص सारांश
    """,
    "body": """
        κείμενο σώμα materia? matéria? teksti brødtekst tekstin_sisältö szöveg conținut continut תוכן متن เนื้อหา
        зміст
        inhalt artikel artikeltext volltext fließtext fliesstext beitragstext contenu texte corps texte_intégral
        contenido texto cuerpo nota? noticia? conteúdo corpo contenuto testo corpo_articolo inhoud tekst
        artikeltekst treść obsah text_článku içerik metin haber_metni isi konten isi_berita teks текст
        текст_статьи содержание содержимое innehåll brödtext nội_dung 正文 内容 內容 全文 文章内容 文章內容 本文
        記事本文 본문 내용 기사본문 기사내용 النص المحتوى सामग्री
    """,
    "authors": """
        συντάκτης συγγραφέας journaliste periodista jornalista giornalista toimittaja reporter_name 기자이름 記者名
        forfatter kirjoittaja szerző מחבר نویسنده ผู้เขียน
        autor autoren autorin verfasser auteur auteurs rédacteur autores autora redactor autore autori redattore
        schrijver autorzy autoři yazar muhabir penulis wartawan автор авторы författare skribent tác_giả 作者
        记者 記者 著者 筆者 執筆者 글쓴이 기자 기자명 작성자 الكاتب लेखक
    """,
    "date_published": """
        ημερομηνία dato publisert publicado_em pubblicato_il 작성일시 发表日期 julkaistu päivämäärä dátum תאריך تاریخ
        วันที่ datum_objave
        veröffentlicht veröffentlicht_am veroeffentlicht veröffentlichungsdatum erscheinungsdatum erschienen
        datum date_publication date_de_publication publié_le date_parution fecha fecha_publicación
        fecha_de_publicación publicado? data_publicação data_de_publicação data_pubblicazione
        data_di_pubblicazione publicatiedatum gepubliceerd data_publikacji data_wydania datum_vydání tarih
        yayın_tarihi tanggal tanggal_terbit waktu_terbit дата дата_публикации опубликовано publicerad ngày_đăng
        thời_gian? data? 日期 发布时间 發布時間 发布日期 發布日期 发表时间 公開日 公開日時 掲載日 配信日 日付
        작성일 게시일 등록일 발행일 입력일 날짜 تاريخ_النشر التاريخ दिनांक
    """,
    "date_modified": """
        aktualisiert aktualisiert_am geändert_am mis_à_jour mise_à_jour fecha_actualización actualizado?
        data_atualização atualizado? data_aggiornamento aggiornato? bijgewerkt zaktualizowano güncelleme_tarihi
        дата_обновления обновлено 更新时间 更新時間 更新日 更新日時 수정일
    """,
    "language": """
        sprache langue idioma língua lingua taal język jazyk dil bahasa язык språk ngôn_ngữ 语言 語言 言語 언어
        اللغة भाषा
    """,
    "section": """
        κατηγορία seksjon osasto rovat secțiune קטגוריה
        rubrique rubrika sección seção editoria sezione rubriek dział rubryka kategorie kategoria categoría categoria
        catégorie kategori рубрика категория раздел chuyên_mục 栏目 欄目 分类 分類 频道 カテゴリ カテゴリー
        카테고리 섹션 القسم श्रेणी
    """,
    "keywords": """
        schlagwörter schlagwoerter schlagworte stichwörter stichworte mots_clés étiquettes palabras_clave
        etiquetas palavras_chave parole_chiave trefwoorden słowa_kluczowe tagi klíčová_slova anahtar_kelimeler
        etiketler kata_kunci ключевые_слова теги nyckelord từ_khóa 关键词 關鍵詞 关键字 标签 標籤 タグ
        キーワード 키워드 태그 الكلمات_المفتاحية
    """,
    "images": """
        bild bilder bild_url imagen imagen_url imagem immagine afbeelding zdjęcie obrázek görsel gambar
        изображение 图片 圖片 画像 이미지
    """,
}  # fmt: skip


def _spellings(word: str) -> list[str]:
    """Return a word, and its spelling without accents if it has another one.

    >>> _spellings("título"), _spellings("цена")
    (['título', 'titulo'], ['цена'])
    """
    decomposed = unicodedata.normalize("NFD", word.translate({ord("ł"): "l", ord("ı"): "i", ord("đ"): "d"}))
    plain = "".join(letter for letter in decomposed if not unicodedata.combining(letter))
    return [word, plain] if plain.isascii() and plain != word else [word]


FIELD_WORDS: dict[str, tuple[str, ...]] = {
    field: tuple(dict.fromkeys(name for word in words.split() for name in _spellings(word)))
    for field, words in _WORDS.items()
}
"""The names of each field that some language other than English has words for, the best first."""
