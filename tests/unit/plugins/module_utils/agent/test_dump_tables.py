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
    without,
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


EMPTY = [
    b"--\n",
    b"DROP TABLE IF EXISTS `tabOld`;\n",
    b"/*!40101 SET character_set_client = utf8mb4 */;\n",
    b"CREATE TABLE `tabOld` (\n",
    b"  `name` varchar(140) COMMENT 'one;'\n",
    b") ENGINE=InnoDB;\n",
    b"LOCK TABLES `tabOld` WRITE;\n",
    b"/*!40000 ALTER TABLE `tabOld` DISABLE KEYS */;\n",
    b"UNLOCK TABLES;\n",
    b"\n",
]
OLD = "CREATE TABLE `tabOld` (\n  `name` varchar(140) COMMENT 'one;'\n) ENGINE=InnoDB"
INDEX = b"CREATE INDEX x ON tabOld (name);\n"
NOTES = "CREATE TABLE `tabNote` (\n  `name` varchar(140)\n)"


@pytest.mark.parametrize(
    ("dump", "empty", "left"),
    [
        (EMPTY, {"tabOld": OLD}, EMPTY[:1]),
        (EMPTY, {}, EMPTY),
        (EMPTY, {"tabOld": OLD.replace("140", "255")}, EMPTY),
        (EMPTY, {"tabOld": OLD + " COMMENT='x'"}, EMPTY),
        ([*EMPTY, *NOTE], {"tabOld": OLD}, [EMPTY[0], *NOTE[1:]]),
        # The set's manifest said that it was empty, and the dump has a row.
        ([*NOTE, *EMPTY], {"tabOld": OLD, "tabNote": NOTES}, [*NOTE, EMPTY[0]]),
        ([*EMPTY[:-1], INDEX], {"tabOld": OLD}, [*EMPTY[:-1], INDEX]),
        ([*EMPTY, *SEQUENCE, *USER], {"tabOld": OLD}, [EMPTY[0], *SEQUENCE, *USER]),
        (SEQUENCE, {"note_id_seq": "CREATE SEQUENCE `note_id_seq`"}, SEQUENCE),
        (ODD, {"a`b": "CREATE TABLE `a``b` (\n)"}, []),
        (EMPTY[:4], {"tabOld": OLD}, EMPTY[:1]),
    ],
)
def test_empty_tables_that_are_there_are_left_out(dump: list[bytes], empty: dict[str, str], left: list[bytes]) -> None:
    assert list(without([*HEAD, *dump], empty)) == [*HEAD, *left]


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
    with pytest.raises(MixedDumpError):
        list(without([*HEAD, *NOTE, line], {}))


def test_touched_tables_and_those_that_frappe_cannot_see() -> None:
    before = ["tabNote", "tabUser", "tabSales Invoice", "__Auth", "note_id_seq", "tabItem-old", "tabitem", "tabSeries"]
    assert touched(["tabNote", "tabGone"], before) == {"tabNote", "__Auth", "note_id_seq", "tabItem-old", "tabitem"}


def test_surplus() -> None:
    assert surplus(["b", "a", "c"], {"a"}) == ["b", "c"]
