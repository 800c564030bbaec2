# Copyright: (c) 2026, erpops.frappe contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Private to erpops.frappe: metrics as text for node_exporter's textfile collector."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from ansible.errors import AnsibleFilterError

try:
    from prometheus_client import CollectorRegistry, generate_latest
    from prometheus_client.core import GaugeMetricFamily, Metric
    from prometheus_client.registry import Collector
except ImportError as exc:  # the filter that is used says what to do
    MISSING: ImportError | None = exc
    Collector = object  # type: ignore[assignment, misc]
else:
    MISSING = None

Families = Callable[[Mapping[str, Any]], "Iterator[Metric]"]


class _Given(Collector):
    def __init__(self, families: Families, given: Mapping[str, Any]) -> None:
        self.families, self.given = families, given

    def collect(self) -> Iterator[Metric]:
        yield from self.families(self.given)


def family(name: str, text: str, *labels: str) -> GaugeMetricFamily:
    """A gauge of a site, with more ``labels`` than ``site`` if there are any; ``add_metric`` takes their values."""
    return GaugeMetricFamily(name, text, labels=["site", *labels])


def gauge(name: str, text: str, site: str, value: float) -> Metric:
    """A gauge that a site has one value of."""
    found = family(name, text)
    found.add_metric([site], value)
    return found


def metrics_text(families: Families, given: Mapping[str, Any]) -> str:
    """The text of a ``.prom`` file."""
    registry = CollectorRegistry()
    registry.register(_Given(families, given))
    return generate_latest(registry).decode()


def filtered(plugin: str, families: Families, given: Mapping[str, Any], *, source: str, switch: str) -> str:
    """What the filter ``plugin`` returns for ``given``, the result of ``source``.

    :param switch: variable that is left empty by those who want no metrics.
    :raises AnsibleFilterError: prometheus-client is missing, or this is no such result.
    """
    if MISSING is not None:
        raise AnsibleFilterError(
            f"erpops.frappe.{plugin}: prometheus-client is not installed where Ansible runs. "
            f"Next: pip install prometheus-client, or leave {switch} empty"
        ) from MISSING
    try:
        return metrics_text(families, given)
    except (KeyError, TypeError, AttributeError) as error:
        raise AnsibleFilterError(f"erpops.frappe.{plugin}: this is no result of {source}: {error!r}") from error
