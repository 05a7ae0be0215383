"""Certificates: who vouches for whom, under which name, and who may read the keys."""

import ipaddress
import stat
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from cryptography.x509.oid import ExtendedKeyUsageOID
from cryptography.x509.verification import PolicyBuilder, Store, VerificationError

from anganwadi.ids import BadIdentifier, district_id
from provisioning.authority import Authority, NoAuthority, common_name, read_certificate

DISTRICT = district_id("barabanki")


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return Authority.create(tmp_path / "ca", DISTRICT)


def purposes(certificate: x509.Certificate) -> list[x509.ObjectIdentifier]:
    return list(certificate.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value)


def test_a_kiosks_certificate_chains_to_its_district(authority: Authority, tmp_path: Path) -> None:
    authority.issue_client(tmp_path / "k", "kiosk-a")
    certificate = read_certificate(tmp_path / "k" / "tls.crt")
    certificate.verify_directly_issued_by(authority.certificate)
    assert common_name(certificate) == "kiosk-a"
    assert purposes(certificate) == [ExtendedKeyUsageOID.CLIENT_AUTH]


def test_a_tls_client_accepts_the_brokers_certificate_for_its_hosts(
    authority: Authority, tmp_path: Path
) -> None:
    authority.issue_broker(tmp_path / "b", ("127.0.0.1", "localhost"))
    certificate = read_certificate(tmp_path / "b" / "tls.crt")
    policy = PolicyBuilder().store(Store([authority.certificate]))
    policy.build_server_verifier(x509.DNSName("localhost")).verify(certificate, [])
    policy.build_server_verifier(x509.IPAddress(ipaddress.ip_address("127.0.0.1"))).verify(certificate, [])
    with pytest.raises(VerificationError):
        policy.build_server_verifier(x509.DNSName("elsewhere")).verify(certificate, [])


def test_the_brokers_certificate_does_not_make_a_client(authority: Authority, tmp_path: Path) -> None:
    authority.issue_broker(tmp_path / "b", ("localhost",))
    assert purposes(read_certificate(tmp_path / "b" / "tls.crt")) == [ExtendedKeyUsageOID.SERVER_AUTH]


def test_a_leaf_cannot_issue_certificates(authority: Authority, tmp_path: Path) -> None:
    authority.issue_client(tmp_path / "k", "kiosk-a")
    leaf = read_certificate(tmp_path / "k" / "tls.crt")
    assert leaf.extensions.get_extension_for_class(x509.BasicConstraints).value.ca is False
    root = authority.certificate.extensions.get_extension_for_class(x509.BasicConstraints).value
    assert (root.ca, root.path_length) == (True, 0)


def test_private_keys_are_p256_and_for_their_owner_alone(authority: Authority, tmp_path: Path) -> None:
    authority.issue_client(tmp_path / "k", "kiosk-a")
    authority.issue_broker(tmp_path / "b", ("localhost",))
    for path in (tmp_path / "ca" / "ca.key", tmp_path / "k" / "tls.key", tmp_path / "b" / "tls.key"):
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
        key = load_pem_private_key(path.read_bytes(), password=None)
        assert isinstance(key, ec.EllipticCurvePrivateKey)
        assert key.curve.name == "secp256r1"


def test_a_loaded_authority_issues_as_the_one_that_was_made(authority: Authority, tmp_path: Path) -> None:
    Authority.load(tmp_path / "ca").issue_client(tmp_path / "k", "kiosk-a")
    assert authority.vouches_for(tmp_path / "k")


def test_an_authority_does_not_vouch_for_anothers_certificate(authority: Authority, tmp_path: Path) -> None:
    other = Authority.create(tmp_path / "other", DISTRICT)
    other.issue_client(tmp_path / "k", "kiosk-a")
    assert not authority.vouches_for(tmp_path / "k")


def test_an_authority_does_not_vouch_for_a_certificate_without_its_key(
    authority: Authority, tmp_path: Path
) -> None:
    authority.issue_client(tmp_path / "k", "kiosk-a")
    (tmp_path / "k" / "tls.key").unlink()
    assert not authority.vouches_for(tmp_path / "k")


def test_an_authority_does_not_vouch_for_a_certificate_beside_another_key(
    authority: Authority, tmp_path: Path
) -> None:
    """As a power cut between the two files leaves them, when a certificate is renewed."""
    authority.issue_client(tmp_path / "k", "kiosk-a")
    old = (tmp_path / "k" / "tls.crt").read_bytes()
    authority.issue_client(tmp_path / "k", "kiosk-a")
    (tmp_path / "k" / "tls.crt").write_bytes(old)
    assert not authority.vouches_for(tmp_path / "k")


@pytest.mark.parametrize("name", ["tls.crt", "tls.key"])
def test_an_authority_does_not_vouch_for_a_file_that_cannot_be_read(
    authority: Authority, tmp_path: Path, name: str
) -> None:
    authority.issue_client(tmp_path / "k", "kiosk-a")
    (tmp_path / "k" / name).write_bytes(b"")
    assert not authority.vouches_for(tmp_path / "k")


def test_a_missing_authority_says_how_to_make_one(tmp_path: Path) -> None:
    with pytest.raises(NoAuthority, match="authority create"):
        Authority.load(tmp_path)


@pytest.mark.parametrize("name", ["", "Kiosk", "a/b", "kiosk+", "#", "a" * 64])
def test_a_name_that_could_break_a_topic_gets_no_certificate(
    authority: Authority, tmp_path: Path, name: str
) -> None:
    with pytest.raises(BadIdentifier):
        authority.issue_client(tmp_path / "k", name)
