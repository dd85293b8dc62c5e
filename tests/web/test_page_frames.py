"""What every page has: a title of its own with the name of the site, one heading, the frame, and no marks of markup."""

import html
import re

import pytest

PATHS = [
    "/", "/search", "/search?q=lung", "/ask", "/ask?drug=JS004", "/sparql", "/examples", "/ontology", "/ontology/terms", "/ontology/dose",
    "/changes", "/downloads/", "/downloads/2026-01-02/", "/status", "/limits", "/links", "/use-it-from", "/compare", "/graph/seed",
    "/page/NCT06095583", "/page/NCT06095583/arm/1", "/page/drug/tifcemalimab", "/page/target/BTLA", "/page/endpoint/OS",
    "/page/scheme/phase", "/history/NCT90000001", "/nothing", "/page/NCT99999999", "/page/drug/none", "/page/NCT90000003", "/results/x",
    "/search?page=x", "/r/2020-01-01/NCT06095583", "/downloads/2020-01-01/",
]  # fmt: skip


def title_of(text):
    (title,) = re.findall(r"<title>(.*?)</title>", text.partition("</head>")[0], re.DOTALL)
    return title


@pytest.fixture
def text(client, path):
    return client.get(path, headers={"Accept": "text/html"}).text


@pytest.mark.parametrize("path", PATHS)
def test_a_page_has_a_title_a_heading_and_the_frame(text):
    assert "trialgraph" in title_of(text)
    assert len(re.findall(r"<h1[ >]", text)) == 1
    assert 'class="site-header"' in text
    assert 'role="search"' in text


@pytest.mark.parametrize("path", PATHS)
def test_a_page_shows_no_marks_of_markup_and_no_head_without_words(text):
    shown = re.sub(
        r"<(pre|code|textarea|script|style)\b.*?</\1>", "code", text[text.index("<main") :], flags=re.DOTALL
    )
    assert "`" not in re.sub(r"<[^>]*>", "", shown)
    assert not re.search(r"<th[^>]*>\s*</th>", shown)
    sections = re.findall(r"<section[^>]*>(.*?)</section>", shown, re.DOTALL)
    for section in (each for each in sections if re.search(r"<h[1-6]", each)):
        below = re.sub(r"<h[1-6].*?</h[1-6]>", "", section, flags=re.DOTALL)
        assert re.sub(r"<[^>]*>", "", below).strip() or "<svg" in below, section[:80]


def test_pages_have_titles_of_their_own(client):
    answers = [client.get(path, headers={"Accept": "text/html"}) for path in PATHS]
    titles = [title_of(answer.text) for answer in answers if answer.status_code == 200]
    assert not [title for title in titles if titles.count(title) > 1 and not title.startswith(("Search", "Ask"))]


def test_what_is_not_here_is_named_as_a_person_writes_it(client):
    page = client.get("/page/drug/%C3%A9")
    assert page.status_code == 404
    assert "<bdi>drug/é</bdi>" in page.text


def test_the_first_query_says_label_where_a_trial_may_have_no_title(client):
    """What is curated from documents that give no title is labelled by its number."""
    page = client.get("/sparql", headers={"Accept": "text/html"}).text
    query = html.unescape(re.search(r"<textarea[^>]*>(.*?)</textarea>", page, re.DOTALL)[1])
    answer = client.get("/sparql", query_string={"query": query}, headers={"Accept": "application/json"}).json
    assert answer["head"]["vars"] == ["trial", "label"]
    assert len(answer["results"]["bindings"]) >= 2
