"""Pages of things and of queries: whose the parts are that lead there, which vocabulary has what, answers without script."""

import html
import re

QUERY = (
    "PREFIX tg: <https://w3id.org/trialgraph/ontology#> "
    'SELECT ?t ?arm { ?t tg:nctId "NCT06095583" ; tg:arm ?arm } ORDER BY ?arm'
)


def test_a_shared_query_has_its_answer_without_script(client):
    """A browser without script is led to the answer at once; with the answer there it is led nowhere."""
    page = client.get("/sparql", query_string={"query": QUERY}, headers={"Accept": "text/html"}).text
    (there,) = re.findall(r'<noscript><meta http-equiv="refresh" content="0; url=([^"]*)"></noscript>', page)
    answer = client.get(html.unescape(there), headers={"Accept": "text/html"}).text
    assert "3 rows" in answer
    assert '<a href="/page/NCT06095583/arm/1"' in answer, "links stay on this site"
    assert "http-equiv" not in answer
    assert "http-equiv" not in client.get("/sparql", headers={"Accept": "text/html"}).text


def test_things_of_one_label_elsewhere_are_told_apart(client):
    text = client.get("/page/drug/tifcemalimab").text
    places = re.findall(r'class="out">([^<]*)</a> <span class="where">([^<]*)</span>', text)
    assert len(places) > 1
    assert len(set(places)) == len(places)
    assert all(":" in place for _, place in places)


def test_what_links_here_says_whose_it_is(client):
    text = client.get("/page/drug/tifcemalimab").text
    links = text[text.index('id="links"') :]
    parts = re.findall(r'<li><a href="/page/(NCT\d{8})/[^"]*">[^<]*</a>(.*?)</li>', links)
    assert parts
    assert all(number in rest for number, rest in parts)


def test_a_trial_that_has_a_condition_is_shown_with_its_state(client):
    text = client.get("/page/condition/SCLC").text
    assert re.search(r"NCT06095583 · Recruiting · Phase 3", text)
