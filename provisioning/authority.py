"""The district's certificate authority, and the certificates it issues: the broker's and one for each client.

A certificate only opens the broker's door. Its common name is what the broker's access list goes by: a kiosk's origin,
or `server`. What an event is worth is decided by the device's own keys (`provisioning.identity`), not by these.

    authority = Authority.create(folder / "ca", district)
    authority.issue_broker(folder / "broker", hosts=("127.0.0.1", "localhost"))
    authority.issue_client(folder / "kiosks" / "kiosk-a", "kiosk-a")
"""

import ipaddress
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Self

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from anganwadi.ids import DistrictId, Origin, origin
from provisioning.files import write_private, write_public

AUTHORITY_DAYS = 3650
LEAF_DAYS = 397
RENEW_DAYS = 30
"""A certificate with fewer days left is issued anew when its district is next provisioned."""

CERTIFICATE = "tls.crt"
KEY = "tls.key"


class NoAuthority(FileNotFoundError):
    """The folder holds no authority; the text says how to make one."""


class Authority:
    """A district's root certificate and its private key, kept in one folder as `ca.crt` and `ca.key`."""

    def __init__(self, folder: Path, certificate: x509.Certificate, key: ec.EllipticCurvePrivateKey) -> None:
        self.folder = folder
        self.certificate = certificate
        self._key = key

    @property
    def path(self) -> Path:
        """The root certificate's file: what broker, server and kiosks check each other by."""
        return self.folder / "ca.crt"

    @classmethod
    def create(cls, folder: Path, district: DistrictId) -> Self:
        """Make a new root in `folder`, over any that is there."""
        key = ec.generate_private_key(ec.SECP256R1())
        name = _name(f"Aangan district {district}")
        certificate = (
            _builder(name, name, key, AUTHORITY_DAYS)
            .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
            .add_extension(_usage(signs_certificates=True), critical=True)
            .sign(key, hashes.SHA256())
        )
        _write(folder / "ca.crt", folder / "ca.key", certificate, key)
        return cls(folder, certificate, key)

    @classmethod
    def load(cls, folder: Path) -> Self:
        """Read the root in `folder`.

        Raises:
            NoAuthority: there is none.
        """
        if not (folder / "ca.crt").is_file() or not (folder / "ca.key").is_file():
            raise NoAuthority(
                f"no certificate authority in {folder}: `python -m provisioning authority create`"
            )
        key = serialization.load_pem_private_key((folder / "ca.key").read_bytes(), password=None)
        assert isinstance(key, ec.EllipticCurvePrivateKey)  # noqa: S101 - we wrote it
        return cls(folder, read_certificate(folder / "ca.crt"), key)

    def issue_broker(self, folder: Path, hosts: Iterable[str]) -> None:
        """Issue the broker's certificate for `hosts` (names or addresses) into `folder`."""
        names = [_host(host) for host in hosts]
        self._issue(folder, "broker", ExtendedKeyUsageOID.SERVER_AUTH, names)

    def issue_client(self, folder: Path, name: Origin | str) -> None:
        """Issue the certificate by which `name` is known to the broker, into `folder`.

        Raises:
            anganwadi.ids.BadIdentifier: `name` cannot be a level of a topic.
        """
        self._issue(folder, origin(name), ExtendedKeyUsageOID.CLIENT_AUTH, [])

    def vouches_for(self, folder: Path) -> bool:
        """Whether `folder` holds a certificate of this authority, with its key, that is good for a while yet."""
        try:
            certificate = read_certificate(folder / CERTIFICATE)
            key = serialization.load_pem_private_key((folder / KEY).read_bytes(), password=None)
            certificate.verify_directly_issued_by(self.certificate)
        except (FileNotFoundError, ValueError, TypeError, InvalidSignature):
            return False
        if key.public_key() != certificate.public_key():
            return False  # its issuing was cut short between the two files
        return certificate.not_valid_after_utc > datetime.now(UTC) + timedelta(days=RENEW_DAYS)

    def _issue(
        self, folder: Path, name: str, purpose: x509.ObjectIdentifier, hosts: list[x509.GeneralName]
    ) -> None:
        key = ec.generate_private_key(ec.SECP256R1())
        root = self.certificate.extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value
        builder = (
            _builder(_name(name), self.certificate.subject, key, LEAF_DAYS)
            .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
            .add_extension(_usage(signs_certificates=False), critical=True)
            .add_extension(x509.ExtendedKeyUsage([purpose]), critical=False)
            .add_extension(
                x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(root), critical=False
            )
        )
        if hosts:
            builder = builder.add_extension(x509.SubjectAlternativeName(hosts), critical=False)
        _write(folder / CERTIFICATE, folder / KEY, builder.sign(self._key, hashes.SHA256()), key)


def read_certificate(path: Path) -> x509.Certificate:
    """The certificate in a PEM file."""
    return x509.load_pem_x509_certificate(path.read_bytes())


def common_name(certificate: x509.Certificate) -> str:
    """The name the broker knows the holder by."""
    return str(certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)[0].value)


def _builder(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePrivateKey, days: int
) -> x509.CertificateBuilder:
    now = datetime.now(UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(minutes=5))  # for a kiosk whose clock is a little behind
        .not_valid_after(now + timedelta(days=days))
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
    )


def _name(common: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common)])


def _host(host: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(host))
    except ValueError:
        return x509.DNSName(host)


def _usage(*, signs_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signs_certificates,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=signs_certificates,
        crl_sign=signs_certificates,
        encipher_only=False,
        decipher_only=False,
    )


def _write(
    certificate_file: Path, key_file: Path, certificate: x509.Certificate, key: ec.EllipticCurvePrivateKey
) -> None:
    pem = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    write_private(key_file, pem)
    write_public(certificate_file, certificate.public_bytes(serialization.Encoding.PEM))
