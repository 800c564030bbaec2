# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Single tables of a dump, as mariadb-dump 10.11 writes one."""

from __future__ import annotations

import pytest

from ansible_collections.erpops.frappe.plugins.module_utils.agent._dump_tables import (
    MixedDumpError,
    only,
    surplus,
    touched,
)

HEAD = [b"/*M!999999\\- enable the sandbox mode */\n", b"/*!40101 SET NAMES utf8mb4 */;\n"]
NOTE = [
    b"-- Table structure for table `tabNote`\n",
    b"DROP TABLE IF EXISTS `tabNote`;\n",
    b"/*!40101 SET @saved_cs_client     = @@character_set_client */;\n",
    b"CREATE TABLE `tabNote` (\n",
    b"  `name` varchar(140)\n",
    b");\n",
    b"INSERT INTO `tabNote` VALUES ('DROP TABLE IF EXISTS `tabUser`;');\n",
    b"UNLOCK TABLES;\n",
]
USER = [b"DROP TABLE IF EXISTS `tabUser`;\n", b"CREATE TABLE `tabUser` (\n", b");\n"]
SEQUENCE = [b"DROP SEQUENCE IF EXISTS `note_id_seq`;\n", b"CREATE SEQUENCE `note_id_seq`;\n"]
ODD = [b"DROP TABLE IF EXISTS `a``b`;\n", b"CREATE TABLE `a``b` (\n", b");\n"]


@pytest.mark.parametrize(
    ("tables", "wanted"),
    [
        (["tabNote"], [*HEAD, NOTE[0], *NOTE[1:]]),
        (["tabUser"], [*HEAD, NOTE[0], *USER]),
        (["note_id_seq", "tabUser"], [*HEAD, NOTE[0], *SEQUENCE, *USER]),
        (["a`b"], [*HEAD, NOTE[0], *ODD]),
        ([], [*HEAD, NOTE[0]]),
    ],
)
def test_only(tables: list[str], wanted: list[bytes]) -> None:
    # The comment above the first table is a part of the head.
    assert list(only([*HEAD, *NOTE, *SEQUENCE, *USER, *ODD], tables)) == wanted


@pytest.mark.parametrize(
    "line",
    [
        b"/*!50001 DROP VIEW IF EXISTS `v`*/;\n",
        b"/*!50001 CREATE VIEW `v` AS SELECT 1 */;\n",
        b"/*!50003 CREATE*/ /*!50017 DEFINER=`x`@`%`*/ /*!50003 TRIGGER t BEFORE INSERT ON `tabNote` FOR EACH ROW SET @a=1 */\n",
    ],
)
def test_a_dump_with_more_than_tables(line: bytes) -> None:
    with pytest.raises(MixedDumpError):
        list(only([*HEAD, *NOTE, line], ["tabNote"]))


def test_touched_tables_and_those_that_frappe_cannot_see() -> None:
    before = ["tabNote", "tabUser", "tabSales Invoice", "__Auth", "note_id_seq", "tabItem-old", "tabitem", "tabSeries"]
    assert touched(["tabNote", "tabGone"], before) == {"tabNote", "__Auth", "note_id_seq", "tabItem-old", "tabitem"}


def test_surplus() -> None:
    assert surplus(["b", "a", "c"], {"a"}) == ["b", "c"]
