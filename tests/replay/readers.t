#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Others' tools read what we write: jq with queries for Suricata's flow records, a reader of Zeek's logs."""

import os
import subprocess
import sys

top = os.environ.get('top_srcdir', '.')
sys.path.insert(0, os.path.join(top, 'tests/tap'))
import zeek
from tap import finish, ok

replay = os.path.join(os.environ.get('top_builddir', '.'), 'tcpwarden-replay')
story = os.path.join(top, 'tests/replay/story.seg')


def run(*command, text=None):
    done = subprocess.run(command, input=text, capture_output=True, text=True, check=False)
    return done.stdout if done.returncode == 0 else f'exit {done.returncode}: {done.stderr}'


def query(name, program, expected, *options):
    answer = run('jq', '-c', *options, program, text=eve).split('\n')[:-1]
    ok(answer == expected, f'jq: {name}', f'have {answer}\nwant {expected}')


def faults(text):
    """Whether the reader of Zeek's logs finds fault with it."""
    try:
        zeek.connections(text)
    except (AssertionError, KeyError, ValueError):
        return True
    return False


eve = run(replay, '--set', 'log.format=eve', '--events', story)
log = run(replay, '--flows=zeek', story)
flows = zeek.connections(log)
records = sorted(str(row['id.orig_p']) for row in flows)
volume = sum(row['orig_bytes'] + row['resp_bytes'] for row in flows)

query('every line has time and type',
      'length == ([.[] | select((.timestamp | test("^[0-9]{4}(-[0-9]{2}){2}T[0-9:]{8}[.][0-9]{6}[+]0000$")) and'
      ' (.event_type | . == "flow" or . == "drop" or . == "tcpwarden") and (.tcpwarden | type == "object"))] | length)',
      ['true'], '-s')
query('flow records: types of the keys',
      '[.[] | select(.event_type == "flow") | [(.flow_id, .src_port, .dest_port, .flow.pkts_toserver,'
      ' .flow.pkts_toclient, .flow.bytes_toserver, .flow.bytes_toclient, .flow.age | type),'
      ' (.src_ip, .dest_ip, .proto, .flow.start, .flow.end, .flow.state, .flow.reason, .tcp.state, .community_id |'
      ' type)]] | unique',
      ['[[' + ','.join(['"number"'] * 8 + ['"string"'] * 9) + ']]'], '-s')
query('one flow record a connection', '[.[] | select(.event_type == "flow") | .src_port] | map(tostring) | sort',
      ['["' + '","'.join(records) + '"]'], '-s')
query('the volume of all flows',
      '[.[] | select(.event_type == "flow") | .flow.bytes_toserver + .flow.bytes_toclient] | add', [str(volume)], '-s')
query('flows that were reset', 'select(.event_type == "flow" and .tcp.rst and .flow.state == "closed") | .dest_port',
      ['81', '22'])
query('top talkers',
      '[.[] | select(.event_type == "flow")] | group_by(.src_ip) | map({ip: .[0].src_ip, flows: length}) |'
      ' sort_by(-.flows, .ip) | .[0].ip', ['"10.9.1.2"'], '-s')
query('dropped packets', 'select(.event_type == "drop" and .drop.reason == "ack-high") | .drop.tcpack', ['99999'])
query('all lines of one connection share flow_id and community_id',
      'map(select(.flow_id)) | group_by(.flow_id) | map([.[].community_id] | unique | length) | unique', ['[1]'], '-s')
query('scans: flows whose client sent nothing but SYNs',
      'select(.event_type == "flow" and .tcp.tcp_flags_ts == "02") | .dest_port', ['81'])
query('flags of the TCP connections are hexadecimal, and agree with the single ones',
      '[.[] | select(.event_type == "flow") | .tcp | ([.tcp_flags, .tcp_flags_ts, .tcp_flags_tc] |'
      ' all(test("^[0-9a-f]{2}$"))) and (.syn == true) == (.tcp_flags[1:] | test("[2367abef]"))] | unique', ['[true]'],
      '-s')
query('drops: header fields of IPv4 and TCP',
      'select(.event_type == "drop" and .drop.tcpseq) | .drop | [.len, .tos, .ttl, .ipid, .tcpwin, .tcpres, .tcpurgp]',
      ['[52,0,64,0,501,0,0]'])
query('drops: flags of the segment', 'select(.event_type == "drop" and .drop.tcpseq) | .drop |'
      ' [.syn, .ack, .psh, .rst, .urg, .fin]', ['[false,true,false,false,false,false]'])
query('drops: one that is no TCP segment has length and TTL only',
      'select(.event_type == "drop" and .drop.reason == "icmp-stale") | .drop | keys',
      ['["ipid","len","reason","tos","ttl"]'])
query('drops: an ICMP error has type and code, and the ends of the connection that it is about',
      'select(.event_type == "drop" and .drop.reason == "icmp-stale") |'
      ' [.proto, .icmp_type, .icmp_code, .src_port, .dest_port]', ['["ICMP",3,1,443,5555]'])
query('flow_id survives a double', 'select(.flow_id and .flow_id >= 9007199254740992)', [])

ok(len(flows) >= 4 and not faults(log), 'Zeek: the reader finds the flows, each value of its type', flows)
for what, before, after in (('a port', '\t443\t', '\t65536\t'), ('an address', '10.9.1.2', '10.9.1.256'),
                            ('a count', '\t200\t', '\t-200\t'), ('a time', '2.000000', '2'),
                            ('conn_state', '\tSF\t', '\tDONE\t'), ('a column less', '\t8\t-\t-\n', '\t8\t-\n'),
                            ('types', '\tinterval', ''), ('the end', '#close', '#end')):
    assert before in log
    ok(faults(log.replace(before, after, 1)), f'Zeek: the reader finds fault with {what}')
sys.exit(finish())
