"""The page of links shows what is linked in the release and says so where nothing is."""


def test_the_page_of_links(client):
    answer = client.get("/links")
    assert answer.status_code == 200
    assert answer.content_type.startswith("text/html")
    assert "<h1>Links</h1>" in answer.text
    assert "How much is linked" in answer.text
