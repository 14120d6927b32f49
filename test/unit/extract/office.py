"""Workbooks, decks and XML of our own making, sound and hostile: what is read out of each, or the sentence that refuses it.

office.py PROGRAM     PROGRAM extract FILE --json is asked for the blocks
"""
import io, os, subprocess, sys, tempfile, zipfile

from cases import count_wrong, read

SECONDS = float(os.environ.get('HOSTILE_SECONDS', 10))

OFFICE = 'http://schemas.openxmlformats.org/officeDocument/2006/relationships'
NAMES = (f'xmlns:r="{OFFICE}" xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main" '
         'xmlns:p="http://schemas.openxmlformats.org/presentationml/2006/main"')


def package(parts):
    out = io.BytesIO()
    with zipfile.ZipFile(out, 'w', zipfile.ZIP_DEFLATED) as z:
        for name, text in parts.items():
            z.writestr(name, text)
    return out.getvalue()


def relations(*targets):
    """rId1, rId2, … to (type, target)."""
    rows = ''.join(f'<Relationship Id="rId{i}" Type="{OFFICE}/{kind}" Target="{target}"/>' for i, (kind, target) in enumerate(targets, 1))
    return f'<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">{rows}</Relationships>'


def workbook(*sheets, strings='', styles='', book='', states=()):
    """Each sheet is what stands in its worksheet element; they are named S1, S2, …"""
    state = dict(enumerate(states))
    listed = ''.join(f'<sheet name="S{i + 1}" sheetId="{i + 1}" r:id="rId{i + 1}" {state.get(i, "")}/>' for i in range(len(sheets)))
    targets = [('worksheet', f'worksheets/sheet{i + 1}.xml') for i in range(len(sheets))]
    parts = {'_rels/.rels': relations(('officeDocument', 'xl/workbook.xml')),
             'xl/workbook.xml': f'<workbook {NAMES}>{book}<sheets>{listed}</sheets></workbook>',
             'xl/_rels/workbook.xml.rels': relations(*targets, ('sharedStrings', 'sharedStrings.xml'), ('styles', 'styles.xml')),
             'xl/sharedStrings.xml': f'<sst>{strings}</sst>', 'xl/styles.xml': f'<styleSheet>{styles}</styleSheet>'}
    parts.update({f'xl/worksheets/sheet{i + 1}.xml': f'<worksheet>{sheet}</worksheet>' for i, sheet in enumerate(sheets)})
    return package(parts)


def text(reference, value):
    return f'<c r="{reference}" t="inlineStr"><is><t>{value}</t></is></c>'


def row(number, *cells):
    return f'<row r="{number}">{"".join(cells)}</row>'


def data(*rows):
    return f'<sheetData>{"".join(rows)}</sheetData>'


def shape(kind, *paragraphs):
    place = f'<p:nvSpPr><p:nvPr><p:ph type="{kind}"/></p:nvPr></p:nvSpPr>' if kind else ''
    lines = ''.join(p if p.startswith('<') else f'<a:p><a:r><a:t>{p}</a:t></a:r></a:p>' for p in paragraphs)
    return f'<p:sp>{place}<p:txBody>{lines}</p:txBody></p:sp>'


def deck(*slides, extra=None, linked=None):
    """Each slide is what stands in its shape tree, or a whole p:sld. linked: relations of the first slide."""
    parts = {'_rels/.rels': relations(('officeDocument', 'ppt/presentation.xml')),
             'ppt/presentation.xml': f'<p:presentation {NAMES}><p:sldIdLst>'
                                     + ''.join(f'<p:sldId id="{256 + i}" r:id="rId{i + 1}"/>' for i in range(len(slides)))
                                     + '</p:sldIdLst></p:presentation>',
             'ppt/_rels/presentation.xml.rels': relations(*[('slide', f'slides/slide{i + 1}.xml') for i in range(len(slides))])}
    for i, slide in enumerate(slides):
        whole = slide if slide.startswith('<p:sld ') else f'<p:sld {NAMES}><p:cSld><p:spTree>{slide}</p:spTree></p:cSld></p:sld>'
        parts[f'ppt/slides/slide{i + 1}.xml'] = whole
    if linked:
        parts['ppt/slides/_rels/slide1.xml.rels'] = relations(*linked)
    parts.update(extra or {})
    return package(parts)


PEOPLE = data(row(1, text('A1', 'Name'), text('B1', 'City'), text('C1', 'Age')),
              row(2, text('A2', 'Ann'), '<c r="C2"><v>41</v></c>'), row(3, text('A3', 'Bob'), text('B3', 'Rome'), '<c r="C3"><v>7.50</v></c>'))
DATED = ('<numFmts><numFmt numFmtId="170" formatCode="yyyy-mm-dd"/></numFmts><fonts><font/><font><b/></font></fonts>'
         '<cellXfs><xf/><xf numFmtId="170"/><xf numFmtId="9"/><xf fontId="1"/></cellXfs>')
TABLE = ('<p:graphicFrame><a:graphic><a:graphicData><a:tbl><a:tblPr firstRow="1"/>'
         + ''.join('<a:tr>' + ''.join(f'<a:tc><a:txBody><a:p><a:r><a:t>{c}</a:t></a:r></a:p></a:txBody></a:tc>' for c in cells) + '</a:tr>'
                   for cells in (('Plan', 'Price'), ('Basic', '$5')))
         + '</a:tbl></a:graphicData></a:graphic></p:graphicFrame>')
CHART = ('<c:chartSpace xmlns:c="c" xmlns:a="a"><c:chart><c:title><c:tx><c:rich><a:p><a:r><a:t>Sales</a:t></a:r></a:p></c:rich></c:tx></c:title><c:plotArea>'
         '<c:ser><c:tx><c:v>North</c:v></c:tx><c:cat><c:pt idx="0"><c:v>Q1</c:v></c:pt><c:pt idx="1"><c:v>Q2</c:v></c:pt></c:cat>'
         '<c:val><c:pt idx="0"><c:v>4.2999999999999998</c:v></c:pt><c:pt idx="1"><c:v>5</c:v></c:pt></c:val></c:ser></c:plotArea></c:chart></c:chartSpace>')
LAUGHS = '<!DOCTYPE l [<!ENTITY a "lol">' + ''.join(f'<!ENTITY {chr(98 + i)} "{f"&{chr(97 + i)};" * 10}">' for i in range(9)) + ']><l>&j;</l>'

# name, bytes, what is read: "kind page text" lines, or the sentence (its beginning) of a refusal
CASES = [
    ('people.xlsx', workbook(PEOPLE), ['heading 1 S1', 'table_header 1 Name|City|Age', 'table_row 1 Ann||41', 'table_row 1 Bob|Rome|7.5']),
    ('shared.xlsx', workbook(data(row(1, '<c r="A1" t="s"><v>0</v></c><c r="B1" t="s"><v>1</v></c><c r="C1" t="s"><v>9</v></c>')),
                             strings='<si><r><t>Rich </t></r><r><t>text</t></r><rPh><t>no</t></rPh></si><si><t>two</t></si>'),
     ['heading 1 S1', 'table_row 1 Rich text|two']),
    ('kinds.xlsx', workbook(data(row(1, '<c t="b"><v>1</v></c><c t="e"><v>#N/A</v></c><c t="str"><f>A1</f><v>sum</v></c><c s="1"><v>40000</v></c>'
                                        '<c s="2"><v>0.5</v></c><c s="1" t="d"><v>2020-02-29</v></c>')), styles=DATED),
     ['heading 1 S1', 'table_row 1 TRUE|#N/A|sum|2009-07-06|50%|2020-02-29']),
    ('1904.xlsx', workbook(data(row(1, '<c s="1"><v>0</v></c><c s="1"><v>366</v></c>')), styles=DATED, book='<workbookPr date1904="1"/>'),
     ['heading 1 S1', 'table_row 1 1904-01-01|1905-01-01']),
    ('hidden.xlsx', workbook(data(row(1, text('A1', 'secret'))), '', data(row(1, text('A1', 'shown'))), states=['state="hidden"']),
     ['heading 2 S3', 'paragraph 2 shown']),
    ('title.xlsx', workbook(data(row(1, text('A1', 'Prices 2024')), row(3, '<c r="B3" s="3" t="inlineStr"><is><t>Item</t></is></c>'
                                 '<c r="C3" s="3" t="inlineStr"><is><t>Price</t></is></c>'), row(4, text('B4', 'Nut'), '<c r="C4"><v>2</v></c>')),
                            styles=DATED),
     ['heading 1 S1', 'paragraph 1 Prices 2024', 'table_header 1 |Item|Price', 'table_row 1 |Nut|2']),
    # Names of two rows, an empty row below them, numbers; then the same again without a gap.
    ('halves.xlsx', workbook(data(row(1, text('A1', 'Results')), row(2, text('A2', 'CHF'), text('C2', 'June 2023')), row(3, text('B3', 'Sales'), text('C3', 'Profit')),
                                  row(5, text('A5', 'Rome'), '<c r="B5"><v>7</v></c><c r="C5"><v>2</v></c>'), row(6, text('A6', 'Total'), text('B6', 'none'), text('C6', 'none')),
                                  row(7, text('B7', 'Shops'), text('C7', 'People')), row(8, text('A8', 'Rome'), '<c r="B8"><v>1</v></c><c r="C8"><v>4</v></c>'))),
     ['heading 1 S1', 'paragraph 1 Results', 'table_header 1 CHF||June 2023', 'table_header 1 |Sales|Profit', 'table_row 1 Rome|7|2', 'table_row 1 Total|none|none',
      'table_header 1 |Shops|People', 'table_row 1 Rome|1|4']),
    ('errors.xlsx', workbook(data(row(1, text('B1', '#VALUE!'), text('C1', '#N/A')), row(2, text('A2', 'x'), '<c r="B2"><v>7</v></c><c r="C2"><v>2</v></c>'))),
     ['heading 1 S1', 'table_row 1 |#VALUE!|#N/A', 'table_row 1 x|7|2']),
    ('pair.xlsx', workbook(data(row(1, text('A1', 'Company'), text('B1', 'Acme')), row(2, text('A2', 'City'), text('B2', 'Berlin')))),
     ['heading 1 S1', 'table_row 1 Company|Acme', 'table_row 1 City|Berlin']),
    ('frozen.xlsx', workbook('<sheetViews><sheetView><pane ySplit="1" state="frozen"/></sheetView></sheetViews>'
                             + data(row(1, text('A1', 'Question'), text('B1', 'Answer')), row(2, text('A2', 'Who?'), text('B2', 'You')))),
     ['heading 1 S1', 'table_header 1 Question|Answer', 'table_row 1 Who?|You']),
    ('far.xlsx', workbook(data(*[row(n, text(f'A{n}', n), text(f'XFD{n}', 'far')) for n in (1, 1048576)])),
     ['heading 1 S1', 'table_row 1 1' + '|' * 64 + 'far', 'table_row 1 1048576' + '|' * 64 + 'far']),
    ('outside.xlsx', workbook(data(row(-5, text('ZZZZ1', 'a'), text('XFE2', 'b'), '<c r="A1" s="99999999999"><v>1e999</v></c>', '<c t="s"><v>-4</v></c>'))),
     ['heading 1 S1', 'table_row 1 a|1e999']),
    ('no-sheet.xlsx', package({'xl/workbook.xml': f'<workbook {NAMES}><sheets><sheet name="a" r:id="rId7"/></sheets></workbook>'}), []),
    ('no-book.xlsx', package({'xl/a.xml': '<a/>'}), 'The package holds no workbook.'),
    ('cut.xlsx', workbook(data(row(1, text('A1', 'one'))), '<sheetData><row><c'), 'The XML inside the document is damaged.'),
    ('marks.xlsx', workbook('<x:sheetData xmlns:x="x"><!-- a > b --><x:row r="1"><x:c t="str" note="a>b"><x:f>1&lt;2</x:f>'
                            '<x:v>a &amp;&#x42;<![CDATA[<c>]]></x:v></x:c><x:c/><x:c t="inlineStr"><x:is><x:r><x:t>two_x000D_</x:t></x:r>'
                            '<x:rPh><x:t>no</x:t></x:rPh><x:r><x:t> parts_x005F_</x:t></x:r></x:is></x:c>'
                            '</x:row></x:sheetData>'), ['heading 1 S1', 'table_row 1 a &B<c>||two parts_']),
    ('wide.xlsx', package({'xl/workbook.xml': f'<workbook {NAMES}><sheets><sheet name="W" r:id="rId1"/></sheets></workbook>',
                           'xl/_rels/workbook.xml.rels': relations(('worksheet', 'w.xml')),
                           'xl/w.xml': ('<worksheet>' + data(row(1, text('A1', 'é€😀'), text('B1', 'y'))) + '</worksheet>').encode('utf-16')}),
     ['heading 1 W', 'table_row 1 é€😀|y']),
    ('crossed.xlsx', workbook('<sheetData><row r="1"><c r="A1"><v>1</c></v></row></sheetData>'), 'The XML inside the document is damaged.'),
    ('open-tag.xlsx', workbook('<sheetData><row r="1" x="'), 'The XML inside the document is damaged.'),
    ('open-comment.xlsx', workbook('<!-- never ends'), 'The XML inside the document is damaged.'),
    ('long-tag.xlsx', workbook('<row x="' + ''.join(map(str, range(300_000))) + '"/>'), 'The XML inside the document is nested too deeply.'),
    ('long-text.xlsx', workbook(data(row(1, text('A1', 'word ' * 60_000), text('B1', '&amp;' * 40_000)))), None),
    ('laughs.xlsx', workbook(LAUGHS), 'The XML inside the document has a DOCTYPE'),
    ('doctype.xlsx', package({'xl/workbook.xml': '<!DOCTYPE workbook [<!ENTITY a "b">]><workbook/>'}), 'The XML inside the document has a DOCTYPE'),
    ('deep.xlsx', workbook('<a>' * 400 + '</a>' * 400), 'The XML inside the document is'),
    ('bomb.xlsx', workbook(data(row(1, text('A1', 'x'))), strings='<si><t>' + ' ' * 9_000_000 + '</t></si>'), 'The package unpacks to far more than its size.'),
    ('many.xlsx', package({f'xl/{n}': '' for n in range(5000)}), 'The package holds too many files.'),
    ('deck.pptx', deck(shape('body', 'First', '<a:p><a:pPr lvl="1"/><a:r><a:t>Deeper</a:t></a:r></a:p>') + shape('title', 'The title') + TABLE
                       + shape('sldNum', '7') + shape('', 'Free text')),
     ['heading 1 The title', 'list_item 1 First', 'list_item 1 Deeper', 'table_header 1 Plan|Price', 'table_row 1 Basic|$5', 'paragraph 1 Free text']),
    ('untitled.pptx', deck(shape('title', 'One'), shape('', 'Short'), TABLE), ['heading 1 One', 'heading 2 Short', 'heading 3 Slide 3',
     'table_header 3 Plan|Price', 'table_row 3 Basic|$5']),
    ('hidden.pptx', deck(f'<p:sld {NAMES} show="0"><p:cSld>{shape("title", "No")}</p:cSld></p:sld>', shape('title', 'Yes')), ['heading 2 Yes']),
    ('notes.pptx', deck(shape('title', 'T'), linked=[('notesSlide', '../notesSlides/n.xml')],
                        extra={'ppt/notesSlides/n.xml': f'<p:notes {NAMES}>{shape("sldNum", "1")}{shape("body", "Say this.")}</p:notes>'}),
     ['heading 1 T', 'paragraph 1 Say this.']),
    ('chart.pptx', deck(f'<p:graphicFrame><c:chart xmlns:c="c" r:id="rId1"/></p:graphicFrame>{shape("", "after")}', linked=[('chart', '../charts/c.xml')],
                        extra={'ppt/charts/c.xml': CHART}),
     ['paragraph 1 Sales', 'table_header 1 |North', 'table_row 1 Q1|4.3', 'table_row 1 Q2|5', 'heading 1 after']),
    ('spans.pptx', deck('<p:pic><p:nvPicPr><p:cNvPr id="2" name="P" descr="A map of the harbour"/></p:nvPicPr></p:pic><p:pic><p:nvPicPr>'
                        '<p:cNvPr id="3" name="Q" descr="one two three.png"/></p:nvPicPr></p:pic><p:graphicFrame><a:graphic><a:graphicData><a:tbl>'
                        + ''.join('<a:tr>' + ''.join(f'<a:tc {more}><a:txBody><a:p><a:r><a:t>{c}</a:t></a:r></a:p></a:txBody></a:tc>' for c, more in cells)
                                  + '</a:tr>' for cells in ((('a', 'gridSpan="2"'), ('', 'hMerge="1"'), ('b', 'rowSpan="2"')),
                                                            (('c', ''), ('1', ''), ('', 'vMerge="1"'))))
                        + '</a:tbl></a:graphicData></a:graphic></p:graphicFrame>'),
     ['paragraph 1 A map of the harbour', 'table_row 1 a||b', 'table_row 1 c|1|b']),
    ('scatter.pptx', deck('<p:graphicFrame><c:chart xmlns:c="c" r:id="rId1"/></p:graphicFrame>', linked=[('chart', '../charts/c.xml')],
                          extra={'ppt/charts/c.xml': '<c:chartSpace xmlns:c="c"><c:plotArea>' + ''.join(
                              f'<c:ser><c:tx><c:v>{n}</c:v></c:tx><c:xVal><c:pt idx="0"><c:v>{x}</c:v></c:pt></c:xVal>'
                              f'<c:yVal><c:pt idx="0"><c:v>{y}</c:v></c:pt><c:pt idx="2"><c:v>9</c:v></c:pt></c:yVal></c:ser>'
                              for n, x, y in (('A', 1, 2), ('B', 1, 3), ('C', 4, 5))) + '</c:plotArea></c:chartSpace>'}),
     ['table_header 1 |A|B', 'table_row 1 1|2|3', 'table_row 1 |9|9', 'table_header 1 |C', 'table_row 1 4|5', 'table_row 1 |9']),
    ('chart.docx', package({'word/document.xml': f'<w:document xmlns:w="w" xmlns:c="c" xmlns:d="d" {NAMES}><w:body>'
                                                 '<w:p><w:r><w:t>before</w:t></w:r></w:p><w:p><w:r><w:drawing><c:chart r:id="rId1"/></w:drawing>'
                                                 '<w:drawing><d:relIds r:dm="rId2"/></w:drawing></w:r></w:p></w:body></w:document>',
                            'word/_rels/document.xml.rels': relations(('chart', 'charts/c.xml'), ('diagramData', 'd.xml')), 'word/charts/c.xml': CHART,
                            'word/d.xml': f'<d:dataModel xmlns:d="d" {NAMES}><d:pt><d:t><a:p><a:r><a:t>Plan</a:t></a:r></a:p></d:t></d:pt></d:dataModel>'}),
     ['paragraph 0 before', 'paragraph 0 Sales', 'table_header 0 |North', 'table_row 0 Q1|4.3', 'table_row 0 Q2|5', 'list_item 0 Plan']),
    ('chunk.docx', package({'word/document.xml': f'<w:document xmlns:w="w" {NAMES}><w:body><w:altChunk r:id="rId1"/>'
                                                 '<w:p><w:r><w:t>after</w:t></w:r></w:p></w:body></w:document>',
                            'word/_rels/document.xml.rels': relations(('aFChunk', 'c.htm')),
                            'word/c.htm': '<html><body><h2>In HTML</h2><p>Body.</p></body></html>'}),
     ['heading 0 In HTML', 'paragraph 0 Body.', 'paragraph 0 after']),
    ('drawn.xlsx', package({'xl/workbook.xml': f'<workbook {NAMES}><sheets><sheet name="D" r:id="rId1"/></sheets></workbook>',
                            'xl/_rels/workbook.xml.rels': relations(('worksheet', 'worksheets/s.xml')), 'xl/worksheets/s.xml': '<worksheet/>',
                            'xl/worksheets/_rels/s.xml.rels': relations(('drawing', '../drawings/d.xml')),
                            'xl/drawings/_rels/d.xml.rels': relations(('chart', '../charts/c.xml')), 'xl/charts/c.xml': CHART,
                            'xl/drawings/d.xml': f'<wsDr xmlns:c="c" {NAMES}><sp><txBody><a:p><a:r><a:t>Read </a:t></a:r><a:r><a:t>this</a:t></a:r></a:p><a:p/>'
                                                 '</txBody></sp>'
                                                 '<graphicFrame><c:chart r:id="rId1"/></graphicFrame></wsDr>'}),
     ['heading 1 D', 'paragraph 1 Read this', 'paragraph 1 Sales', 'table_header 1 |North', 'table_row 1 Q1|4.3', 'table_row 1 Q2|5']),
    ('binary.xlsb', package({'xl/workbook.bin': b'\x83\1'}), 'Binary workbooks (.xlsb) cannot be read'),
    ('deep-math.docx', package({'word/document.xml': '<w:document xmlns:w="w" xmlns:m="m"><w:p><m:oMath>' + '<m:sSup><m:e>' * 60 + '</m:e></m:sSup>' * 60
                                                     + '</m:oMath></w:p></w:document>'}), 'An equation of the document is nested too deeply.'),
    ('smart.pptx', deck('<p:graphicFrame><d:relIds xmlns:d="d" r:dm="rId1"/></p:graphicFrame>' + shape('', 'after'), linked=[('diagramData', '../d.xml')],
                        extra={'ppt/d.xml': f'<d:dataModel xmlns:d="d" {NAMES}><d:pt><d:t><a:p><a:r><a:t>Plan</a:t></a:r></a:p></d:t></d:pt></d:dataModel>'}),
     ['list_item 1 Plan', 'heading 1 after']),
    ('cycle.pptx', deck('<p:graphicFrame><d:relIds xmlns:d="d" r:dm="rId1"/></p:graphicFrame>' + shape('', 'once'),
                        linked=[('diagramData', 'slide1.xml'), ('notesSlide', 'slide1.xml')]), ['list_item 1 once', 'heading 1 once']),
    ('missing.pptx', deck(shape('title', 'Here'), linked=[('notesSlide', '../gone.xml'), ('chart', '../gone.xml')]), ['heading 1 Here']),
    ('no-deck.pptx', package({'ppt/a.xml': '<a/>'}), 'The package holds no presentation.'),
    ('records.xml', '<shop><order id="1"><who>Ann</who><item><sku>x</sku></item></order><order id="2"><who>Bob</who></order><note>n</note></shop>',
     ['heading 0 order', 'table_header 0 id|who|item.sku', 'table_row 0 1|Ann|x', 'table_row 0 2|Bob|', 'paragraph 0 note: n']),
    ('settings.xml', '<s><net port="80"><host>a</host></net><log level="info">on</log></s>',
     ['paragraph 0 net.port: 80', 'paragraph 0 net.host: a', 'paragraph 0 log: on; level: info']),
    ('book.xml', '<book><chapter><title>One</title><para>Some <b>bold</b> words.</para><list><listitem><para>An item</para></listitem></list>'
                 '<table><thead><row><entry>K</entry><entry>V</entry></row></thead><row><entry>a</entry><entry>b</entry></row></table></chapter></book>',
     ['heading 0 One', 'paragraph 0 Some bold words.', 'list_item 0 An item', 'table_header 0 K|V', 'table_row 0 a|b']),
    ('rss.xml', '<rss><channel><title>News</title><item><title>Big</title><description>&lt;p&gt;It &lt;b&gt;is&lt;/b&gt;.&lt;/p&gt;</description>'
                '<category>a</category><category>b</category></item></channel></rss>',
     ['heading 0 News', 'heading 0 Big', 'paragraph 0 Category: a, b', 'paragraph 0 It is.']),
    ('atom.txt', '<?xml version="1.0"?><feed xmlns="x"><entry><title>T</title><link href="u"/><summary>S</summary></entry></feed>',
     ['heading 0 T', 'paragraph 0 Link: u', 'paragraph 0 S', 'note The name ends in .txt, but the content is XML and was read as such.']),
    ('utf16.xml', '<?xml version="1.0" encoding="UTF-16"?><a>é</a>'.encode('utf-16'), ['paragraph 0 é']),
    ('sjis.xml', '<?xml version="1.0" encoding="Shift_JIS"?><a>日本</a>'.encode('shift_jis'), ['paragraph 0 日本']),
    ('entity.xml', '<!DOCTYPE a [<!ENTITY c "Acme">]><a>&c; &amp; Co</a>', ['paragraph 0 Acme & Co']),
    ('external.xml', '<!DOCTYPE a SYSTEM "file:///etc/passwd" [<!ENTITY c SYSTEM "file:///etc/passwd">]><a>x&c;y</a>', ['paragraph 0 xy']),
    ('laughs.xml', LAUGHS, 'The XML expands its entities to far more than its size.'),
    ('quadratic.xml', f'<!DOCTYPE a [<!ENTITY b "{"x" * 50_000}">]><a>{"&b;" * 20_000}</a>', 'The XML '),
    ('deep.xml', '<a>' * 300 + '</a>' * 300, 'The XML is nested too deeply.'),
    ('deep-enough.xml', '<a>' * 200 + 'x' + '</a>' * 200, ['paragraph 0 ' + 'a.' * 198 + 'a: x']),
    ('cut.xml', '<a>\n<b>', 'This is not valid XML, see line 2.'),
    ('empty.xml', '', 'The file is empty.'),
    ('wide.xml', '<r>' + ''.join(f'<i{n}>v</i{n}>' for n in range(3000)) + '</r>', [f'paragraph 0 i{n}: v' for n in range(3000)]),
    ('columns.xml', '<r>' + ''.join(f'<i><c{n}>v</c{n}><d>w</d></i>' for n in range(300)) + '</r>',
     [f'paragraph 0 {line}' for n in range(300) for line in (f'i.c{n}: v', 'i.d: w')]),
]


def lying(content, size):
    """The package with another uncompressed size in all its headers."""
    raw = bytearray(content)
    for magic, at in ((b'PK\3\4', 22), (b'PK\1\2', 24)):
        found = raw.find(magic)
        while found >= 0:
            raw[found + at:found + at + 4] = size.to_bytes(4, 'little')
            found = raw.find(magic, found + 4)
    return bytes(raw)


CASES += [('lying-small.xlsx', lying(workbook(PEOPLE), 1), None), ('lying-large.xlsx', lying(workbook(PEOPLE), 0x7fffffff), None)]


# what the command prints without --json: a row of one cell ends with a TAB, a row that begins with '|' with '\|'
PRINTED = ('lone.xlsx', workbook(data(row(1, text('A1', 'Prices, 2024')), row(3, text('A3', '|a|'), text('B3', '|b')))), b'S1\n\nPrices, 2024\t\n\n\\|a|\t|b\n')


def prints_wrong(program):
    with tempfile.TemporaryDirectory() as folder:
        read(program, *PRINTED[:2], folder)
        printed = subprocess.run([program, 'extract', os.path.join(folder, PRINTED[0])], capture_output=True, timeout=120).stdout
    if printed == PRINTED[2]:
        return 0
    print(f'{PRINTED[0]} prints {printed}')
    return 1


if __name__ == '__main__':
    sys.exit(count_wrong(sys.argv[1], CASES, SECONDS) + prints_wrong(sys.argv[1]) > 0)
