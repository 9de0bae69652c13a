"""A virtual MFA device as a phone has it."""

import base64
import hashlib
import hmac
import struct
import time


def totp(seed, step):
    """The six digits of a 30-second step (RFC 6238)."""
    digest = hmac.new(base64.b32decode(seed), struct.pack(">Q", step), hashlib.sha1).digest()
    start = digest[-1] & 15
    return f"{(struct.unpack('>I', digest[start : start + 4])[0] & 0x7FFFFFFF) % 1_000_000:06}"


class Phone:
    """A device that is enabled for a user; each code it shows is a new one."""

    def __init__(self, iam, user):
        made = iam.create_virtual_mfa_device(VirtualMFADeviceName=user)["VirtualMFADevice"]
        self.seed, self.serial = made["Base32StringSeed"], made["SerialNumber"]
        self.step = int(time.time()) // 30 - 1
        codes = {"AuthenticationCode1": totp(self.seed, self.step - 1), "AuthenticationCode2": totp(self.seed, self.step)}
        iam.enable_mfa_device(UserName=user, SerialNumber=self.serial, **codes)

    def code(self):
        self.step += 1
        return {"SerialNumber": self.serial, "TokenCode": totp(self.seed, self.step)}
