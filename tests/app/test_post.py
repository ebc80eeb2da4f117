"""The settings of the mail: what is taken, and what the service refuses to start with."""

import pytest

from app.post import OFF, PostError, is_address, post_of


def refusal(server="", sender="holdwell@clinic.example", folder=""):
    with pytest.raises(PostError) as refused:
        post_of(server=server, sender=sender, folder=folder)
    return refused.value


def test_without_settings_no_mail_leaves():
    assert post_of(server="", sender="", folder="") is OFF
    assert not OFF.is_on


def test_a_server_is_read_with_its_user_and_password():
    post = post_of(server="smtps://clinic%40mail:p%2Fw@mail.example:4650", sender="a@clinic.example", folder="")

    server = post.server
    assert (server.security, server.host, server.port) == ("smtps", "mail.example", 4650)
    assert (server.user, server.password) == ("clinic@mail", "p/w")


@pytest.mark.parametrize(
    ("address", "port"),
    [("smtps://mail.example", 465), ("smtp+starttls://mail.example", 587), ("smtp://127.0.0.1", 25)],
)
def test_each_kind_of_server_has_its_usual_port(address, port):
    assert post_of(server=address, sender="a@clinic.example", folder="").server.port == port


def test_a_password_is_not_repeated_where_the_settings_are_shown():
    assert "hush" not in repr(post_of(server="smtps://u:hush@mail.example", sender="a@clinic.example", folder=""))


def test_a_mail_that_opens_an_account_is_not_sent_in_the_clear():
    refused = refusal("smtp://hush:hush@mail.example")

    assert refused.setting == "HOLDWELL_SMTP"
    assert "smtps://" in refused.problem
    assert "hush" not in str(refused)


@pytest.mark.parametrize("address", ["smtp://localhost:2525", "smtp://[::1]:2525", "smtp://127.0.0.1"])
def test_a_server_on_this_machine_may_do_without(address):
    assert post_of(server=address, sender="a@clinic.example", folder="").server.security == "smtp"


@pytest.mark.parametrize(
    "address",
    [
        "mail.example:25",
        "http://mail.example",
        "smtps://",
        "smtps://mail.example:port",
        "smtps://mail.example/x",
        "smtps://mail.example?x",
        "smtps://ü:x@mail.example",
        "smtps://[mail",
    ],
)
def test_what_is_no_mail_server_is_refused_by_name(address):
    assert refusal(address).setting == "HOLDWELL_SMTP"


def test_a_server_and_a_folder_at_once_are_refused():
    assert refusal("smtps://mail.example", folder="var/mail").setting == "HOLDWELL_MAIL_FOLDER"


@pytest.mark.parametrize("sender", ["", "Clinic <a@clinic.example>", "a@clinic.example\r\nBcc: b@evil.example"])
def test_the_sender_is_one_plain_address(sender):
    assert refusal("smtps://mail.example", sender=sender).setting == "HOLDWELL_MAIL_FROM"


@pytest.mark.parametrize("address", ["nils@clinic.example", "n.o'neil+x@a-b.clinic.example", "admin@localhost"])
def test_an_ordinary_address_is_one(address):
    assert is_address(address)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "nils",
        "nils@",
        "@clinic.example",
        "nils@@clinic.example",
        "nils@clinic..example",
        "nils@clinic.example.",
        "nils@-clinic.example",
        ".nils@clinic.example",
        "nils berg@clinic.example",
        "<nils@clinic.example>",
        "nils@clinic.example,eve@evil.example",
        "nils@clinic.example\n",
        "groß@clinic.example",
        "nils@klinik.exämple",
        "=?utf-8?q?=0aBcc:eve?=@evil.example",
        "n" * 250 + "@x.example",
    ],
)
def test_what_could_lead_a_mail_elsewhere_is_no_address(text):
    assert not is_address(text)
