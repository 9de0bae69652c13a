"""A SAML identity provider with one RSA key, whose responses signxml signs."""

import base64
import datetime

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from lxml import etree
from signxml import XMLSigner

SIGN_IN = "https://signin.aws.amazon.com/saml"
ATTRIBUTES = "https://aws.amazon.com/SAML/Attributes/"
PERSISTENT = "urn:oasis:names:tc:SAML:2.0:nameid-format:persistent"
METADATA = """<EntityDescriptor xmlns="urn:oasis:names:tc:SAML:2.0:metadata" entityID="{issuer}">
<IDPSSODescriptor protocolSupportEnumeration="urn:oasis:names:tc:SAML:2.0:protocol"><KeyDescriptor use="signing">
<KeyInfo xmlns="http://www.w3.org/2000/09/xmldsig#"><X509Data><X509Certificate>{certificate}</X509Certificate></X509Data>
</KeyInfo></KeyDescriptor></IDPSSODescriptor></EntityDescriptor>"""
RESPONSE = """<samlp:Response xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol"
 xmlns="urn:oasis:names:tc:SAML:2.0:assertion" ID="_r" Version="2.0" IssueInstant="{issued}">
<Issuer>{issuer}</Issuer>
<samlp:Status><samlp:StatusCode Value="urn:oasis:names:tc:SAML:2.0:status:{status}"/></samlp:Status>
<Assertion ID="_a" Version="2.0" IssueInstant="{issued}"><Issuer>{issuer}</Issuer>
<Subject><NameID Format="{format}">{subject}</NameID>
<SubjectConfirmation Method="urn:oasis:names:tc:SAML:2.0:cm:bearer">
<SubjectConfirmationData NotOnOrAfter="{ends}" Recipient="{recipient}"/></SubjectConfirmation></Subject>
<Conditions NotBefore="{begins}" NotOnOrAfter="{ends}">
<AudienceRestriction><Audience>{audience}</Audience></AudienceRestriction></Conditions>
<AuthnStatement AuthnInstant="{issued}" SessionNotOnOrAfter="{session_ends}"/>
<AttributeStatement>{attributes}</AttributeStatement></Assertion></samlp:Response>"""


def moment(seconds):
    now = datetime.datetime.now(datetime.UTC) + datetime.timedelta(seconds=seconds)
    return now.strftime("%Y-%m-%dT%H:%M:%SZ")


class SamlProvider:
    def __init__(self, issuer="https://idp.example.test"):
        self.issuer = issuer
        key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "idp.example.test")])
        start = datetime.datetime(2020, 1, 1, tzinfo=datetime.UTC)
        made = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
        made = made.serial_number(1).not_valid_before(start).not_valid_after(start + datetime.timedelta(days=1))
        # Long over: as on AWS, the end of the certificate does not count.
        certificate = made.sign(key, hashes.SHA256())
        form = serialization.PrivateFormat.PKCS8
        self.key = key.private_bytes(serialization.Encoding.PEM, form, serialization.NoEncryption())
        self.certificate = certificate.public_bytes(serialization.Encoding.PEM).decode()
        der = base64.b64encode(certificate.public_bytes(serialization.Encoding.DER)).decode()
        self.metadata = METADATA.format(issuer=issuer, certificate=der).ljust(1000)

    def response(self, attributes, issued=0, **changes):
        """The XML of a response whose assertion is signed; attributes map names to lists of values."""
        shown = "".join(
            f'<Attribute Name="{name}">'
            + "".join(f"<AttributeValue>{value}</AttributeValue>" for value in values)
            + "</Attribute>"
            for name, values in attributes.items()
        )
        values = {
            "issuer": self.issuer, "status": "Success", "format": PERSISTENT, "subject": "ada",
            "recipient": SIGN_IN, "audience": SIGN_IN, "attributes": shown, "issued": moment(issued),
            "begins": moment(issued - 60), "ends": moment(issued + 240), "session_ends": moment(8 * 3600),
        }
        root = etree.fromstring(RESPONSE.format(**{**values, **changes}).encode())
        name = "{urn:oasis:names:tc:SAML:2.0:assertion}Assertion"
        old = root.find(name)
        signer = XMLSigner(c14n_algorithm="http://www.w3.org/2001/10/xml-exc-c14n#")
        signed = signer.sign(old, key=self.key, cert=self.certificate, reference_uri="_a", id_attribute="ID")
        root.replace(root.find(name), signed)
        return etree.tostring(root).decode()


def encoded(xml):
    return base64.b64encode(xml.encode()).decode()
