"""Signed models: OpenSSH's signatures, looked at where somebody has said whose keys count.

`ssh-keygen -Y sign` makes FILE.sig, `ssh-keygen -Y verify` checks it (ssh-keygen(1)); the file of
keys has the format ALLOWED SIGNERS there, with the name IDENTITY in front of each key.
"""

from pathlib import Path

from ..errors import ModelError
from ..machine.child import ask

IDENTITY = NAMESPACE = "happysad"  # who signs, and what for: a signature on a mail is none
TIMEOUT_S = 30.0


def check_signature(content: bytes, file: Path, signers: Path) -> None:
    """Checks a model's signature, if there is a file of keys.

    Raises:
        ModelError: There is no signature, or it is not of one of the keys for this content.
    """
    if not signers.exists():
        return
    signature = file.with_name(f"{file.name}.sig")
    if not signature.is_file():
        raise ModelError(
            f"{file} is not signed, and {signers} asks for it: copy {signature.name} beside it "
            f"(made by 'ssh-keygen -Y sign -n {NAMESPACE} -f KEY {file.name}')"
        )
    command = ["ssh-keygen", "-Y", "verify", "-I", IDENTITY, "-n", NAMESPACE]
    answer = ask([*command, "-f", str(signers), "-s", str(signature)], TIMEOUT_S, content)
    if answer.code is None:
        raise ModelError(
            f"cannot check the signature of {file} ({answer.err}): sudo apt install openssh-client"
        )
    if answer.code:
        raise ModelError(
            f"{file} is not signed by a key in {signers} ({answer.last_words}): it may not be what "
            "its maker made"
        )


def check_unsigned(signers: Path) -> None:
    """Refuses a model that this device makes itself, where only signed ones are installed.

    Raises:
        ModelError: There is a file of keys.
    """
    if signers.exists():
        raise ModelError(
            f"what is taught here is not signed, and {signers} asks for it: teach on a device "
            "without that file, sign the model there and install it here"
        )
