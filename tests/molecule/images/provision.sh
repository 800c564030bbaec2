#!/bin/sh
# Runs once inside the image that build.py makes: from a distribution's base to a host as a cloud provider hands it over.
set -eu
export DEBIAN_FRONTEND=noninteractive

# What the base images of a registry add, and a machine has not: services that are not started when they are
# installed, documentation that is left out.
rm -f /usr/sbin/policy-rc.d /etc/dpkg/dpkg.cfg.d/excludes /etc/apt/apt.conf.d/docker-*
# A test host that loses its power is thrown away: without fsync, packages install in half the time.
echo force-unsafe-io >/etc/dpkg/dpkg.cfg.d/test-host

apt-get update -qq
apt-get dist-upgrade -y -qq
apt-get install -y -qq --no-install-recommends \
    ca-certificates dbus iproute2 kmod openssh-server procps python3 python3-apt sudo systemd systemd-sysv

# Those of the controller's certificates that the distribution does not have.
python3 - <<'PYTHON'
import pathlib, re
own = pathlib.Path("/usr/local/share/ca-certificates")
certificates = lambda file: re.findall("-----BEGIN CERT.+?-----END CERTIFICATE-----", file.read_text(), re.S)
handed_on = own / "controller.pem"
if handed_on.is_file():
    known = {text.replace("\n", "") for text in certificates(pathlib.Path("/etc/ssl/certs/ca-certificates.crt"))}
    fresh = [text for text in certificates(handed_on) if text.replace("\n", "") not in known]
    for number, text in enumerate(fresh):
        (own / f"controller-{number}.crt").write_text(text + "\n")
    handed_on.unlink()
PYTHON
update-ca-certificates >/dev/null
if [ -e /etc/sudoers.d/controller ]; then chmod 0440 /etc/sudoers.d/controller; fi

# There are no terminals and no devices of its own in a container.
systemctl mask --quiet getty.target console-getty.service systemd-udevd.service \
    systemd-udevd-kernel.socket systemd-udevd-control.socket systemd-udev-trigger.service

apt-get clean
rm -rf /var/lib/apt/lists/* /var/cache/debconf/*-old /var/log/*.log /var/log/apt/*
: >/etc/machine-id
