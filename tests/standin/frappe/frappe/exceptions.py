# SPDX-License-Identifier: GPL-3.0-or-later
"""Exception names and HTTP status codes of real Frappe (`frappe/exceptions.py`), as far as used."""

from __future__ import annotations

from typing import Any


class SiteNotSpecifiedError(Exception):
    def __init__(self, message: str | None = None) -> None:
        self.message = message or "Please specify --site sitename"
        super().__init__(self.message)


class IncorrectSitePath(Exception):
    """Real Frappe derives it from werkzeug's NotFound: hence the "404 Not Found" in front."""

    http_status_code = 404
    code = 404

    def __str__(self) -> str:
        return "404 Not Found: " + super().__str__()


class DatabaseNotFound(Exception):
    pass


class CommandFailedError(Exception):
    def __init__(self, message: str, out: str = "", err: str = "") -> None:
        super().__init__(message)
        self.out, self.err = out, err


class UrlSchemeNotSupported(Exception):
    pass


def _make(name: str, base: type[Exception], status: int | None = None) -> type[Exception]:
    body: dict[str, Any] = {"__module__": __name__}
    if status is not None:
        body["http_status_code"] = status
    return type(name, (base,), body)


class ValidationError(Exception):
    http_status_code = 417


class DoesNotExistError(ValidationError):
    http_status_code = 404

    def __init__(self, *args: Any, doctype: str | None = None) -> None:
        super().__init__(*args)
        self.doctype = doctype


AuthenticationError = _make("AuthenticationError", Exception, 401)
SessionExpired = _make("SessionExpired", Exception, 401)
PermissionError = _make("PermissionError", Exception, 403)
PageDoesNotExistError = _make("PageDoesNotExistError", ValidationError, 404)
NameError = _make("NameError", Exception, 409)
OutgoingEmailError = _make("OutgoingEmailError", Exception, 501)
SessionStopped = _make("SessionStopped", Exception, 503)
UnsupportedMediaType = _make("UnsupportedMediaType", Exception, 415)
RequestToken = _make("RequestToken", Exception, 200)
Redirect = _make("Redirect", Exception, 301)
CSRFTokenError = _make("CSRFTokenError", Exception, 400)
TooManyRequestsError = _make("TooManyRequestsError", Exception, 429)
ImproperDBConfigurationError = _make("ImproperDBConfigurationError", Exception, 500)
DuplicateEntryError = _make("DuplicateEntryError", NameError)
DataError = _make("DataError", ValidationError)
MandatoryError = _make("MandatoryError", ValidationError)
InvalidSignatureError = _make("InvalidSignatureError", ValidationError)
RateLimitExceededError = _make("RateLimitExceededError", ValidationError)
CannotChangeConstantError = _make("CannotChangeConstantError", ValidationError)
CharacterLengthExceededError = _make("CharacterLengthExceededError", ValidationError)
UpdateAfterSubmitError = _make("UpdateAfterSubmitError", ValidationError)
LinkValidationError = _make("LinkValidationError", ValidationError)
CancelledLinkError = _make("CancelledLinkError", LinkValidationError)
DocstatusTransitionError = _make("DocstatusTransitionError", ValidationError)
TimestampMismatchError = _make("TimestampMismatchError", ValidationError)
EmptyTableError = _make("EmptyTableError", ValidationError)
LinkExistsError = _make("LinkExistsError", ValidationError)
InvalidEmailAddressError = _make("InvalidEmailAddressError", ValidationError)
InvalidNameError = _make("InvalidNameError", ValidationError)
InvalidPhoneNumberError = _make("InvalidPhoneNumberError", ValidationError)
InvalidColumnName = _make("InvalidColumnName", ValidationError)
IncompatibleApp = _make("IncompatibleApp", ValidationError)
InvalidDates = _make("InvalidDates", ValidationError)
NonNegativeError = _make("NonNegativeError", ValidationError)
UniqueValidationError = _make("UniqueValidationError", ValidationError)
AppNotInstalledError = _make("AppNotInstalledError", ValidationError)
ImplicitCommitError = _make("ImplicitCommitError", ValidationError)
DocumentLockedError = _make("DocumentLockedError", ValidationError)
QueueOverloaded = _make("QueueOverloaded", ValidationError, 429)
InvalidAuthorizationHeader = _make("InvalidAuthorizationHeader", ValidationError)
InvalidAuthorizationPrefix = _make("InvalidAuthorizationPrefix", ValidationError)
InvalidAuthorizationToken = _make("InvalidAuthorizationToken", ValidationError)
InvalidDatabaseFile = _make("InvalidDatabaseFile", ValidationError)
ExecutableNotFound = _make("ExecutableNotFound", FileNotFoundError)
InvalidRemoteException = _make("InvalidRemoteException", Exception)
InReadOnlyMode = _make("InReadOnlyMode", ValidationError, 503)
RetryBackgroundJobError = _make("RetryBackgroundJobError", Exception)
