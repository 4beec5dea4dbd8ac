"""What each failure means: one table of cause, remedy and exit code."""

import re

from ops.check_mlflow.steps import Code, StepError

# A row has two lines: exit code, words and cause; remedy. It applies where all of its words are among those that
# describe the failure, such as the step, a status, an exception's class; the first row that does tells.
TABLE = """
2 URI blank: the URI has a space or a line break in it
    take it out; they often come with copying
2 URI login: a user name or a password in the URI, from where it gets into logs
    take it out (up to the @) and set MLFLOW_TRACKING_USERNAME and MLFLOW_TRACKING_PASSWORD instead
2 URI page: the address of a page, not of a server: it goes on with ? or #
    use {bare}, the part before it
2 URI database: {scheme}: is a database, not an MLflow server
    use the http or https address of the server that writes to it: clients do not get its password
2 URI no-scheme: the URI has no scheme
    write http://{bare}, or https:// before it
2 URI folder: a folder of files, which MLflow 3.13 and later refuse
    use http://HOST:PORT or https://HOST of a server, or sqlite:///PATH
2 URI no-file: the URI names no database file
    use sqlite:///PATH, with a fourth slash where PATH starts at /
2 URI ValueError: the port is no number from 1 to 65535, or a bracket is missing
    use http://HOST:PORT or https://HOST of a server, or sqlite:///PATH
2 URI no-host: the URI names no host, or no possible one
    use http://HOST:PORT or https://HOST of a server, or sqlite:///PATH
2 URI: expected http, https or sqlite, got {scheme}
    use http://HOST:PORT or https://HOST of a server, or sqlite:///PATH
2 environment other-login: {name} is set, which this check cannot follow
    unset it, or use the client
2 environment no-flag: {name} must be true or false, got {value}
    correct it, or unset it
2 environment no-proxy: the proxy that the environment names is none of the form http://HOST:PORT
    correct {scheme}_PROXY, or name {host} in NO_PROXY
2 environment in-the-clear: {sent} would go over plain http to {way}, for all on the way to read
    use https, or an SSH tunnel and its end on localhost
2 environment InterpolationError: ~/.mlflow/credentials: a % that is not written %%
    write %% for % in it
2 environment no-ini: ~/.mlflow/credentials: cannot be read as an INI file
    give it a section [mlflow] with mlflow_tracking_username and mlflow_tracking_password
2 environment not-to-send: {source}: a space, a colon in the user name or a character that no header can carry
    set MLFLOW_TRACKING_TOKEN to the token alone, without Bearer and line breaks; user and password in UTF-8
3 DNS TimeoutError: no name server answers for {host} within {seconds}
    is this machine online? or use the server's IP address
3 DNS EAI_AGAIN: no name server answers for {host}
    is this machine online? or use the server's IP address
3 DNS: nobody knows the name {host}
    correct it, or go where it is known (VPN; a container's name is known to its network only)
3 TCP ConnectionRefusedError proxy: {way} refuses the connection: nothing listens there
    start it, or correct HTTP_PROXY or HTTPS_PROXY
3 TCP ConnectionRefusedError: {way} refuses the connection: nothing listens there
    start the server, or correct the port (MLflow's own is 5000)
3 TCP TimeoutError: no answer from {way} in time
    a firewall drops it, or the address is wrong: open the port, connect to the VPN, or correct it
3 TCP: no way to {way}: {reason}
    connect to its network (VPN), or correct the address
3 TLS no-tunnel: {way} lets nothing through to {authority} ({error})
    put user and password into HTTPS_PROXY (407), or the server's name into NO_PROXY
3 TLS HTTPException: {way} is no http proxy
    correct HTTPS_PROXY or NO_PROXY
4 TLS both: MLFLOW_TRACKING_INSECURE_TLS and MLFLOW_TRACKING_SERVER_CERT_PATH are both set
    unset MLFLOW_TRACKING_INSECURE_TLS
4 TLS verify-10: the certificate of {name} has expired
    renew it on the server
4 TLS verify-9: the certificate of {name} is not valid yet
    set the clock of this machine
4 TLS verify-62: the certificate is for another host than {name}
    use a name that it is for, or add this one to it (subjectAltName)
4 TLS verify-64: the certificate is for another host than {name}
    use an address that it is for, or add this one to it (subjectAltName)
4 TLS SSLCertVerificationError: the certificate of {name} is signed by nobody known here ({reason})
    set MLFLOW_TRACKING_SERVER_CERT_PATH to a PEM file with the server's certificate, or its CA's
4 TLS no-certificate: no certificate, or not its key, in {files}
    name PEM files: MLFLOW_TRACKING_SERVER_CERT_PATH that of the CA, MLFLOW_TRACKING_CLIENT_CERT_PATH your own
4 TLS wants-own: {authority} ends the connection in the handshake ({reason})
    does it want a client's certificate? set MLFLOW_TRACKING_CLIENT_CERT_PATH
4 TLS: no TLS with {authority} within {seconds} ({reason})
    does it speak plain http? try {swapped}
4 speaks-tls: {authority} speaks TLS, not plain http
    use {swapped}
5 request TimeoutError: the server took the connection, but did not answer {path} within {seconds}
    look at its log; one that sleeps while idle (Cloud Run) takes a minute to wake up: --timeout 90
5 request BadStatusLine: what {authority} answers is not HTTP, or it ends the connection
    correct the port: another service listens there
4 request https: {authority} ends the connection after the handshake ({reason})
    does it want a client's certificate? set MLFLOW_TRACKING_CLIENT_CERT_PATH
5 request: what {authority} answers is not HTTP, or it ends the connection
    correct the port: another service listens there
3 407: the proxy wants credentials (407)
    put user and password into HTTP_PROXY
7 403 invalid-host: the server is not to be called {authority} (403, Host header)
    start it with --allowed-hosts naming {authority}, or use a name that it allows
7 401 token basic: the server asks for user and password, and got a token (401)
    set MLFLOW_TRACKING_USERNAME and MLFLOW_TRACKING_PASSWORD
7 expired: {sent} has expired{since}
    get a new one (an identity token of Google's lasts an hour)
7 401 anonymous: the server asks for credentials, and got {sent} (401)
    set MLFLOW_TRACKING_USERNAME and MLFLOW_TRACKING_PASSWORD (or MLFLOW_TRACKING_TOKEN, or ~/.mlflow/credentials)
7 401: the server does not accept {sent} (401)
    correct it: MLFLOW_TRACKING_USERNAME, MLFLOW_TRACKING_PASSWORD (or MLFLOW_TRACKING_TOKEN, or ~/.mlflow/credentials)
7 403 of-mlflow: no permission for {sent} (403){said}
    let an administrator of MLflow grant it
7 403: what stands before MLflow (a proxy, IAM) lets nothing pass that comes with {sent} (403)
    set MLFLOW_TRACKING_TOKEN; on Cloud Run the account needs roles/run.invoker
5 429: too many requests (429)
    wait a minute
5 3xx to-https: the server sends on to https
    use https://{target}{base}
5 3xx: no MLflow: {path} sends on to {target} ({status}), perhaps a login
    a login page stands before MLflow: set MLFLOW_TRACKING_TOKEN if it takes one, or reach MLflow without it (a tunnel)
5 404: no MLflow: there is no {base}{path} (404)
    correct host, port and the path under which MLflow lies; another service answers here
5 gateway: a proxy answers that MLflow behind it does not ({status})
    start MLflow, or wait until it has started; look at its log
5 5xx: MLflow, or the database behind it, has a fault at {path} ({status}){said}
    look at the server's log, and start its database if it is away
6 version absent: the server does not tell its version: it is very old, or no MLflow
    run the versions of this project: the client of requirements.txt, the server of ops/mlflow_server/requirements.txt
5 version InvalidVersion: no MLflow: /version gave no version
    correct host, port and the path under which MLflow lies; another service answers here
6 version major: {both}: the server is {older} by a major version
    run the versions of this project: the client of requirements.txt, the server of ops/mlflow_server/requirements.txt
6 no-client: no MLflow client is installed here
    pip install -r requirements.txt
5 answer: no MLflow: {path} gave status {status} and {kind}
    correct host, port and the path under which MLflow lies; another service answers here
8 read no-experiment: no experiment in what {path} gave
    look at the server's log
3 file folder: {path} is a folder
    name the file in it: sqlite:///FOLDER/mlflow.db
3 file OSError: {path}: {reason}
    correct the path, or make its folders readable
3 file not-to-make: {path} is not there and cannot be made in {above}
    correct the path, or make it writable
9 file read-only: {path} is read-only
    make the file and its folder writable
8 database locked: {path} is locked: another program is writing to it
    wait for the other one (a mirror?), or end it
8 database OperationalError: {path}: {reason}
    make the file readable
5 database DatabaseError: {path} is no database, or a damaged one: {reason}
    correct the path, or move the file away and run the mirror: it makes the whole database anew
5 schema foreign: {path} is a database, but not MLflow's
    correct the path
6 schema known: the schema is out of date: revision {found}, the client's is {head}
    copy the file, then `mlflow db upgrade {uri}`; or move the file away and run the mirror: it makes the database anew
6 schema: the schema is of a newer MLflow: revision {found}, the client's is {head}
    install the client of requirements.txt; or move the file away and run the mirror: it makes the database anew
9 write busy: another program is writing to the database
    wait for the other one (a mirror?)
9 write other-back: expected {sent} back, got {back}
    look at the server's log, at the database behind it and the storage of artifacts
9 write local-artifacts: the server wants artifacts in a folder of its own, which clients would make on their machine
    start it with --artifacts-destination, without --default-artifact-root and --no-serve-artifacts
9 write TimeoutError: not done within {seconds:g} s
    look at the load of the server; {remedy}
7 write refused: {reason}
    {remedy}
9 write left: left behind: {left}
    delete what is called {name} by hand
9 write: {reason}
    {remedy}
"""
ROWS = [(*when.split(), cause, remedy) for when, cause, remedy in re.findall(r"(.+?): (.+)\n    (.+)\n", TABLE)]


def failure(*words: str, **facts: object) -> StepError:
    """Give what ends the check: the first row whose words are all among these, its texts with the facts."""
    for code, *when, cause, remedy in ROWS:
        if set(when) <= set(words):
            return StepError(cause.format(**facts), remedy.format(**facts), Code(int(code)))
    raise KeyError(f"no row for {words}")


def chain(error: BaseException) -> list[BaseException]:
    """List an exception and those it wraps: requests and urllib3 put that of a socket into their own."""
    errors = [error]
    while inner := errors[-1].__cause__ or errors[-1].__context__:
        errors.append(inner)
    return errors


def kinds(error: BaseException) -> set[str]:
    """Name the classes of an exception and of those it wraps."""
    return {kind.__name__ for one in chain(error) for kind in type(one).__mro__}
