"""What each failure means: one table of exit code, cause and remedy."""

import re

from ops.shared.redaction import SEARCHED, one_line

# A row has two lines: exit code, pattern and cause; remedy. The first row whose pattern fits what is said of a failure
# tells: the step, then classes and texts of the exceptions, or status, type and text of the answer.
TABLE = r"""
2 URI (?!sqlite).*[\s\x00-\x1f]: the URI has a space or a line break in it
    take it out; they often come with copying
2 URI https?:.*@: a user name or a password in the URI, from where it gets into logs
    take it out (up to the @) and set MLFLOW_TRACKING_USERNAME and MLFLOW_TRACKING_PASSWORD instead
2 URI https?:.*[?#]: the address of a page, not of a server: it goes on with ? or #
    use {bare}, the part before it
2 URI (?!\.)(?!\w+$)(\[[0-9a-f:]+\]|[\w.-]+)(:\d+)?(/.*)?$: the URI has no scheme
    write http://{bare}, or https:// before it
2 URI (postgres|mysql|mssql)[\w+]*:: a database, not an MLflow server: {bare}
    use the http or https address of the server that writes to it: clients do not get its password
2 URI https?://([^/:[]+|\[[^/]*\]):(?![1-5]?\d{1,4}(/|$)): the port is no number from 1 to 65535: {bare}
    write http://HOST:5000, an IPv6 address in brackets; a user name and a password do not belong in it
2 URI: neither a server's address nor a database file (MLflow 3.13 and later refuse folders): {bare}
    use the http://HOST:PORT or https://HOST of a server, or sqlite:///PATH, with a fourth slash where PATH starts at /
2 variable: {reason}
    unset or correct it
2 login: {source} cannot be read, or holds what no header can carry
    set MLFLOW_TRACKING_TOKEN to the token alone; write the file in UTF-8, under [mlflow], with %% for %
2 proxy: the proxy that the environment names is none that can be used ({reason})
    correct HTTP_PROXY, HTTPS_PROXY or ALL_PROXY, or name {at.url.host} in NO_PROXY
2 in-the-clear: {at.login} would go over plain http to {at.way}, for all on the way to read
    use https, or an SSH tunnel and its end on localhost
3 DNS: the name {at.place[0]} is not found ({reason})
    correct it, go where it is known (VPN; a container's name in its network), or see whether this machine is online
3 TCP \w+ proxy .*ConnectionRefusedError: {at.way} refuses the connection: nothing listens there
    start it, or correct HTTP_PROXY, HTTPS_PROXY or ALL_PROXY, or name {at.url.host} in NO_PROXY
3 TCP .*ConnectionRefusedError: {at.way} refuses the connection: nothing listens there
    start the server, or correct the port (MLflow's own is 5000)
3 TCP: no way to {at.way} ({reason})
    a firewall drops it, or the address is wrong: open the port, connect to its network (VPN), or correct it
3 (TLS .*(Tunnel connection|HTTPException)|\w+ answered 407): {at.way} lets nothing through ({reason})
    set or correct HTTP_PROXY or HTTPS_PROXY, with user and password (407), or put the server's name into NO_PROXY
4 TLS .*verify-(9|10)\b: the certificate of {at.url.host} is not valid today ({reason})
    renew it on the server, or set the clock of this machine
4 TLS .*verify-(62|64)\b: the certificate is for another host than {at.url.host}
    use a name that it is for, or add this one to it (subjectAltName)
4 TLS .*SSLCertVerificationError: the certificate of {at.url.host} is signed by nobody known here ({reason})
    set MLFLOW_TRACKING_SERVER_CERT_PATH to a PEM file with the server's certificate, or its CA's
4 TLS .*(invalid path|PEM lib|NO_CERTIFICATE|NO_START_LINE|Permission denied): no certificate, or not its key ({reason})
    name PEM files: MLFLOW_TRACKING_SERVER_CERT_PATH that of the CA, MLFLOW_TRACKING_CLIENT_CERT_PATH your own
4 (speaks-tls|\w+ answered 400 .*HTTP request (was sent )?to (an )?HTTPS): {at.url.netloc} speaks TLS, not plain http
    use {at.swapped}
5 request .*\bTimeoutError: the connection was taken, but {path} not answered within {at.deadline.seconds:g} s
    look at its log; one that sleeps while idle (Cloud Run) takes a minute to wake up: --timeout 90
4 (TLS .*(_REQUIRED|HANDSHAKE_F)|request https (?!.*BadStatus)): {at.url.netloc} ends the connection of TLS ({reason})
    does it want a client's certificate? set MLFLOW_TRACKING_CLIENT_CERT_PATH
4 TLS: no TLS with {at.url.netloc} ({reason})
    does it speak plain http? try {at.swapped}
5 request: what {at.url.netloc} answers is not HTTP, or it ends the connection ({reason})
    correct the port: another service listens there
7 \w+ answered 401: the server asks for {asks}, and got {at.login} (401)
    set or correct MLFLOW_TRACKING_USERNAME and _PASSWORD, or MLFLOW_TRACKING_TOKEN (expired?), or ~/.mlflow/credentials
7 \w+ answered 403 .*Invalid Host header: the server is not to be called {at.url.netloc} (403, Host header)
    start it with --allowed-hosts naming {at.url.netloc}, or use a name that it allows
7 \w+ answered 403 (application/json|text/\w+ Permission denied\s*$): no permission for {at.login} at {path} (403){said}
    let an administrator of MLflow grant it
7 \w+ answered 403: what stands before MLflow (a proxy, IAM) lets nothing pass that comes with {at.login} (403)
    set MLFLOW_TRACKING_TOKEN, or a new one (Google's last an hour); on Cloud Run the account needs roles/run.invoker
8 read answered: {path} gave status {status} and {kind}{said}
    look at the server's log, and start its database if it is away
5 \w+ answered 3: no MLflow: {path} sends on to {target} ({status}), perhaps a login
    use that address if it is MLflow's (https?); before a login, set MLFLOW_TRACKING_TOKEN, or go another way (a tunnel)
5 \w+ answered (429|5): MLflow, the database behind it or a proxy before it has a fault at {path} ({status}){said}
    look at the server's log; start MLflow, or its database, if it is away, or wait a minute
5 \w+ answered: no MLflow: {path} gave status {status} and {kind}
    correct host, port and the path under which MLflow lies; another service answers here
6 version: {reason}
    run the versions of this project: the client of requirements.txt, the server of ops/mlflow_server/requirements.txt
3 file: {path}: {reason}
    correct the path, or make it and its folder readable and writable
9 read-only: {path} is read-only
    make the file and its folder writable
8 database .*OperationalError: {path}: {reason}
    wait for another program that writes to it (a mirror?), or end it; or make the file readable
5 database: {path} is no database of MLflow's, or a damaged one ({reason})
    correct the path, or move the file away and run the mirror: it makes the whole database anew
6 schema older: the schema is out of date: revision {revision}, the client's is {head}
    copy the file, then `mlflow db upgrade {uri}`; or move the file away and run the mirror: it makes the database anew
6 schema: the schema is of a newer MLflow: revision {revision}, the client's is {head}
    install the client of requirements.txt; or move the file away and run the mirror: it makes the database anew
7 write .*(PERMISSION_DENIED|UNAUTHENTICATED|UNAUTHORIZED|40[13]): {reason}
    let an administrator of MLflow allow this user to make experiments and models
9 write artifact: {reason}
    start the server with --artifacts-destination (not --no-serve-artifacts), and give it access to bucket or folder
9 left: left behind: {left}
    delete what is called {name} by hand
9 write: {reason}
    look at the log of the server and its database; wait for other writers (a mirror?); ask an administrator
"""
ROWS = re.findall(r"^(\d) (.+?): (.+)\n    (.+)", TABLE, flags=re.MULTILINE)


class StepError(Exception):
    """Ends the check: what is wrong, what to do, and the exit code."""

    def __init__(self, cause: str, remedy: str, code: int) -> None:
        super().__init__(cause)
        self.remedy = remedy
        self.code = code


def failure(what: str, /, **facts: object) -> StepError:
    """Give what ends the check: the first row that fits what is said of the failure, its texts with the facts."""
    fits = (row for row in ROWS if re.match(row[1], what, flags=re.IGNORECASE | re.DOTALL))
    code, _, cause, remedy = next(fits)
    return StepError(cause.format(**facts), remedy.format(**facts), int(code))


def explain(step: str, error: Exception, **facts: object) -> StepError:
    """Say what an exception means at a step; requests and urllib3 put that of a socket into their own."""
    errors: list[BaseException] = [error]
    while inner := errors[-1].__cause__ or errors[-1].__context__:
        errors.append(inner)
    classes = [kind.__name__ for one in errors for kind in type(one).__mro__]
    texts = [f"verify-{getattr(one, 'verify_code', 0)} {one}" for one in errors]
    reason = one_line(str(errors[-1]) or "no answer in time", longest=SEARCHED)
    return failure(" ".join([step, *classes, *texts]), reason=reason, **facts)
