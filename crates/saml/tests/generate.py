"""Writes the responses of this folder: signed by signxml, and then spoilt in the ways that attackers know.

    pip install signxml
    python generate.py
"""

import copy
import datetime
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from lxml import etree
from signxml import CanonicalizationMethod, DigestAlgorithm, SignatureConstructionMethod, SignatureMethod, XMLSigner

FOLDER = Path(__file__).parent / "responses"
SAML = "urn:oasis:names:tc:SAML:2.0:assertion"
DS = "http://www.w3.org/2000/09/xmldsig#"
SHAPE = """<samlp:Response xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol" xmlns:saml="{saml}" ID="_response"
    Version="2.0" IssueInstant="2026-03-14T12:00:00Z" Destination="https://signin.aws.amazon.com/saml">
  <saml:Issuer>https://idp.example.test</saml:Issuer>
  <samlp:Status><samlp:StatusCode Value="urn:oasis:names:tc:SAML:2.0:status:Success"/></samlp:Status>
  <saml:Assertion xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" ID="_assertion" Version="2.0"
      IssueInstant="2026-03-14T12:00:00Z">
    <saml:Issuer>https://idp.example.test</saml:Issuer>
    <saml:Subject>
      <saml:NameID Format="urn:oasis:names:tc:SAML:2.0:nameid-format:persistent">ada</saml:NameID>
      <saml:SubjectConfirmation Method="urn:oasis:names:tc:SAML:2.0:cm:bearer">
        <saml:SubjectConfirmationData NotOnOrAfter="2026-03-14T12:05:00Z"
            Recipient="https://signin.aws.amazon.com/saml"/>
      </saml:SubjectConfirmation>
    </saml:Subject>
    <saml:Conditions NotBefore="2026-03-14T11:59:00Z" NotOnOrAfter="2026-03-14T12:10:00Z">
      <saml:AudienceRestriction><saml:Audience>https://signin.aws.amazon.com/saml</saml:Audience></saml:AudienceRestriction>
    </saml:Conditions>
    <saml:AuthnStatement AuthnInstant="2026-03-14T12:00:00Z" SessionNotOnOrAfter="2026-03-14T20:00:00Z"/>
    <saml:AttributeStatement>
      <saml:Attribute Name="https://aws.amazon.com/SAML/Attributes/RoleSessionName">
        <saml:AttributeValue xsi:type="xs:string" xmlns:xs="http://www.w3.org/2001/XMLSchema">ada &amp; "co" &#13; </saml:AttributeValue>
      </saml:Attribute>
    </saml:AttributeStatement>
  </saml:Assertion>
</samlp:Response>"""


def key_and_certificate():
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "idp.example.test")])
    start = datetime.datetime(2026, 1, 1, tzinfo=datetime.UTC)
    made = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
    made = made.serial_number(1).not_valid_before(start).not_valid_after(start + datetime.timedelta(days=9999))
    return key, made.sign(key, hashes.SHA256())


def document():
    return etree.fromstring(SHAPE.format(saml=SAML))


def assertion(root):
    return root.find(f"{{{SAML}}}Assertion")


class LegacySigner(XMLSigner):
    """Signs what no one should sign any more."""

    def check_deprecated_methods(self):
        pass


def sign(root, key, certificate, hash_name="SHA256", form=CanonicalizationMethod.EXCLUSIVE_XML_CANONICALIZATION_1_0):
    signer = LegacySigner(
        method=SignatureConstructionMethod.enveloped,
        signature_algorithm=SignatureMethod[f"RSA_{hash_name}"],
        digest_algorithm=DigestAlgorithm[hash_name],
        c14n_algorithm=form,
    )
    pem = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    cert = certificate.public_bytes(serialization.Encoding.PEM).decode()
    return signer.sign(root, key=pem, cert=cert, reference_uri=root.get("ID"), id_attribute="ID")


def sign_assertion(root, *how):
    old = assertion(root)
    # On its own, so that the signature does not depend on what is around it.
    signed = sign(copy.deepcopy(old), *how)
    root.replace(old, signed)
    return root


def text(root):
    return etree.tostring(root).decode()


def evil(root):
    """The assertion as an attacker would have it, without a signature."""
    made = copy.deepcopy(assertion(root))
    made.set("ID", "_evil")
    made.find(f".//{{{SAML}}}NameID").text = "root"
    signature = made.find(f"{{{DS}}}Signature")
    if signature is not None:
        made.remove(signature)
    return made


def spoilt(good, key, certificate):
    """Name to text of what must be refused."""
    yield "tampered", text(good).replace(">ada<", ">eve<")
    yield "tampered-signed-info", text(good).replace("#_assertion", "#_response")
    yield "unsigned", text(document())

    root = copy.deepcopy(good)
    root.insert(2, evil(root))
    yield "evil-assertion-before", text(root)

    root = copy.deepcopy(good)
    original = assertion(root)
    bad = evil(root)
    root.replace(original, bad)
    bad.append(original)
    yield "evil-assertion-around", text(root)

    root = copy.deepcopy(good)
    original = assertion(root)
    bad = evil(root)
    signature = original.find(f"{{{DS}}}Signature")
    original.remove(signature)
    root.replace(original, bad)
    bad.append(signature)
    etree.SubElement(signature, f"{{{DS}}}Object").append(original)
    yield "original-in-object", text(root)

    root = copy.deepcopy(good)
    original = assertion(root)
    bad = evil(root)
    signature = original.find(f"{{{DS}}}Signature")
    original.remove(signature)
    root.replace(original, bad)
    bad.append(signature)
    yield "signature-on-evil-assertion", text(root)

    root = copy.deepcopy(good)
    original = assertion(root)
    bad = evil(root)
    bad.set("ID", "_assertion")
    root.replace(original, bad)
    etree.SubElement(root, "{urn:x}Extensions").append(original)
    yield "same-id", text(root)

    root = sign(document(), key, certificate)
    outer = document()
    outer.set("ID", "_outer")
    outer.replace(assertion(outer), evil(outer))
    etree.SubElement(outer, "{urn:x}Extensions").append(root)
    yield "signed-response-inside", text(outer)

    yield "sha1", text(sign_assertion(document(), key, certificate, "SHA1"))
    other, other_certificate = key_and_certificate()
    yield "other-key", text(sign_assertion(document(), other, other_certificate))
    both = sign(sign_assertion(document(), other, other_certificate), key, certificate)
    yield "inner-of-other-key", text(both)
    doctype = '<!DOCTYPE x [<!ENTITY e "ada">]>'
    yield "document-type", doctype + text(good)
    failed = text(good).replace("status:Success", "status:Responder")
    yield "failed", failed
    hmac = text(good).replace("2001/04/xmldsig-more#rsa-sha256", "2000/09/xmldsig#hmac-sha1")
    yield "hmac", hmac


def main():
    FOLDER.mkdir(exist_ok=True)
    key, certificate = key_and_certificate()
    der = __import__("base64").b64encode(certificate.public_bytes(serialization.Encoding.DER)).decode()
    (FOLDER / "metadata.xml").write_text(
        f"""<EntityDescriptor xmlns="urn:oasis:names:tc:SAML:2.0:metadata" entityID="https://idp.example.test"
    validUntil="2036-01-01T00:00:00Z">
  <IDPSSODescriptor protocolSupportEnumeration="urn:oasis:names:tc:SAML:2.0:protocol">
    <KeyDescriptor use="signing">
      <ds:KeyInfo xmlns:ds="{DS}"><ds:X509Data><ds:X509Certificate>{der}</ds:X509Certificate></ds:X509Data></ds:KeyInfo>
    </KeyDescriptor>
    <SingleSignOnService Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST" Location="https://idp.example.test/"/>
  </IDPSSODescriptor>
</EntityDescriptor>
"""
    )
    inclusive = CanonicalizationMethod.CANONICAL_XML_1_0
    good = {
        "assertion-sha256": sign_assertion(document(), key, certificate),
        "response-sha512": sign(document(), key, certificate, "SHA512"),
        "both-sha384": sign(sign_assertion(document(), key, certificate, "SHA384"), key, certificate, "SHA384"),
        "response-inclusive": sign(document(), key, certificate, "SHA256", inclusive),
    }
    for name, root in good.items():
        (FOLDER / f"good-{name}.xml").write_text(text(root))
    commented = text(good["assertion-sha256"]).replace(">ada<", "><!-- x -->ada<!-- y --><")
    (FOLDER / "good-comment.xml").write_text(commented)
    for name, content in spoilt(good["assertion-sha256"], key, certificate):
        (FOLDER / f"bad-{name}.xml").write_text(content)


if __name__ == "__main__":
    main()
