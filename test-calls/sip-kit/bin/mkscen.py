#!/usr/bin/env python3
"""Writes the SIPp scenarios of sipp/ from one source, so that headers and SDP stay the same in all of them.

usage: mkscen.py OUTDIR      write every scenario there (made if missing)
       mkscen.py --check     compare with the checked-in sipp/
To change a scenario, edit here, then: bin/mkscen.py sipp
exit: 0 written, or the same; 1 some differ (their names are printed); 2 wrong usage
"""
import pathlib
import sys

KIT = pathlib.Path(__file__).resolve().parent.parent

# ---- SIP messages -------------------------------------------------------------------------------------------------

TARGET = 'sip:[service]@[remote_ip]:[remote_port]'
DIALOG = '[next_url]'
PEER_TAG = '[peer_tag_param]'
SDP = 'application/sdp'
CREDENTIALS = '[authentication username=alice password=secret]'
FORMATS = {0: 'PCMU/8000', 8: 'PCMA/8000', 18: 'G729/8000', 101: 'telephone-event/8000'}


def sdp(*formats, port='[media_port]', version=1, direction=None):
    """SDP with one m=audio."""
    lines = [
        'v=0',
        f'o=sipp 53655765 {version} IN IP[local_ip_type] [local_ip]',
        's=-',
        'c=IN IP[media_ip_type] [media_ip]',
        't=0 0',
        f'm=audio {port} RTP/AVP ' + ' '.join(map(str, formats)),
    ]
    lines += [f'a=rtpmap:{number} {FORMATS[number]}' for number in formats]
    if 101 in formats:
        lines.append('a=fmtp:101 0-15')
    lines.append('a=ptime:20')
    if direction:
        lines.append(f'a={direction}')
    return lines


def via(branch):
    return f'Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=z9hG4bK-[pid]-[call_number]-{branch};rport'


def with_body(headers, body, content_type):
    if not body:
        return headers + ['Content-Length: 0', '']
    return headers + [f'Content-Type: {content_type}', 'Content-Length: [len]', '', *body]


def request(method, cseq, branch, *, uri=DIALOG, to_tag=PEER_TAG, user='sipp', headers=(), contact=None,
            body=(), content_type=SDP, retransmit=True):
    """One request of the caller; uri=TARGET: outside a dialog, so no route set."""
    lines = [f'{method} {uri} SIP/2.0', via(branch)]
    if uri == DIALOG:
        lines.append('[routes]')
    lines += [
        *headers,
        f'From: "sipp" <sip:{user}@[local_ip]:[local_port]>;tag=[pid]s[call_number]',
        f'To: <{TARGET}>{to_tag}',
        'Call-ID: [call_id]',
        f'CSeq: {cseq} {method}',
        'Max-Forwards: 70',
    ]
    if method == 'INVITE':
        lines += [
            contact or f'Contact: <sip:{user}@[local_ip]:[local_port];transport=[transport]>',
            'Allow: INVITE, ACK, CANCEL, BYE, OPTIONS',
            'User-Agent: sipp-scenario',
        ]
    return send(with_body(lines, body, content_type), retransmit)


def invite(cseq=1, body=(), **more):
    """The first INVITE, outside a dialog."""
    return request('INVITE', cseq, f'i{cseq}', uri=TARGET, to_tag='', body=body, **more)


def reinvite(cseq, body, **more):
    return request('INVITE', cseq, f'i{cseq}', body=body, **more)


def ack(cseq=1, **more):
    return request('ACK', cseq, f'ack{cseq}', retransmit=False, **more)


def ack_refusal(**more):
    """The ACK of a non-2xx belongs to the INVITE's transaction: same branch, same Request-URI."""
    return request('ACK', 1, 'i1', uri=TARGET, retransmit=False, **more)


def cancel():
    return request('CANCEL', 1, 'i1', uri=TARGET, to_tag='')


def bye(cseq):
    return [request('BYE', cseq, f'bye{cseq}'), recv(200, crlf=True)]


def response(code, reason, *, body=(), headers=(), user='uas', new_tag=True, retransmit=False, following=None):
    """One response of the stand-in gateway."""
    lines = [
        f'SIP/2.0 {code} {reason}',
        '[last_Via:]',
        '[last_Record-Route:]',
        '[last_From:]',
        '[last_To:]' + (';tag=[pid]u[call_number]' if new_tag else ''),
        '[last_Call-ID:]',
        '[last_CSeq:]',
        *headers,
    ]
    if code < 300:
        feature = ';+sip.srs' if user == 'srs' else ''
        lines.append(f'Contact: <sip:{user}@[local_ip]:[local_port];transport=[transport]>{feature}')
    return send(with_body(lines, body, SDP), retransmit, following)


# ---- scenario elements: each is a list of lines of XML ------------------------------------------------------------

MESSAGE_INDENT = ' ' * 6        # SIPp takes it off again


def tag(name, **attributes):
    text = ''.join(f' {key}="{"true" if value is True else value}"' for key, value in attributes.items()
                   if value is not None)
    return f'<{name}{text}'


def send(message, retransmit=False, following=None):
    lines = [MESSAGE_INDENT + line if line else '' for line in message]
    head = tag('send', retrans=500 if retransmit else None, next=following)
    return [head + '>', '  <![CDATA[', '', *lines, '', '  ]]>', '</send>']


def recv(code, actions=(), **attributes):
    head = tag('recv', response=code, **attributes)
    if not actions:
        return [head + '/>']
    return [head + '>', '  <action>', *['    ' + action for action in actions], '  </action>', '</recv>']


def recv_request(method, actions=(), **attributes):
    head = tag('recv', request=method, **attributes)
    if not actions:
        return [head + '/>']
    return [head + '>', '  <action>', *['    ' + action for action in actions], '  </action>', '</recv>']


def execute(**what):
    return ['<nop>', '  <action>', '    ' + tag('exec', **what) + '/>', '  </action>', '</nop>']


def play(pcap):
    return execute(play_pcap_audio=pcap)


def stream(file_loops_format):
    return execute(rtp_stream=file_loops_format)


def pause(milliseconds=None):
    """Without a number: the -d of the command line."""
    return [tag('pause', milliseconds=milliseconds) + '/>']


def label(name):
    return [tag('label', id=name) + '/>']


def jump(name, test=None):
    return [tag('nop', next=name, test=test) + '/>']


def provisional():
    return [recv(code, optional=True) for code in (100, 180, 183)]


def answered(actions=()):
    return [provisional(), recv(200, actions, rrs=True, rtd=True, crlf=True)]


# ---- the caller ---------------------------------------------------------------------------------------------------

def simple_call(body, media):
    return [invite(body=body), answered(), ack(), media, pause(), bye(2)]


def load_call(port, media):
    return simple_call(sdp(0, 8, port=port), media)


STREAM_PORT = '[rtpstream_audio_port]'


def hold_and_resume():
    offer = (0, 8, 101)
    return [
        invite(body=sdp(*offer)), answered(), ack(), play('audio_ulaw.pcap'), pause(),
        reinvite(2, sdp(*offer, version=2, direction='sendonly')), answered(), ack(2), pause(1500),
        reinvite(3, sdp(*offer, version=3, direction='sendrecv')), answered(), ack(3),
        play('audio2_cont_ulaw.pcap'), pause(), bye(4),
    ]


def dtmf_rfc4733():
    return [
        invite(body=sdp(0, 101)), answered(), ack(), play('audio_ulaw.pcap'), pause(),
        play('dtmf.pcap'), pause(1500), bye(2),
    ]


def dtmf_info():
    digit = ['Signal=5', 'Duration=160']
    return [
        invite(body=sdp(0, 101)), answered(), ack(),
        request('INFO', 2, 'inf2', body=digit, content_type='application/dtmf-relay'), recv(200), bye(3),
    ]


def cancel_while_ringing():
    give_up = {'timeout': 700, 'ontimeout': 'cancel'}      # SIPp wants it on every optional recv too
    return [
        invite(body=sdp(0, 8, 101)), recv(100, optional=True), recv(180),
        recv(183, optional=True, **give_up), recv(200, **give_up, next='answered'),
        label('cancel'), cancel(),
        recv(487, optional=True, next='terminated'), recv(200), recv(487),
        label('terminated'), ack_refusal(), jump('end'),
        label('answered'), ack(), bye(2),
        label('end'),
    ]


def cancel_at_once():
    # No time-out: SIPp aborts a call whose provisional response comes between a timeout's jump and the next send.
    return [
        invite(body=sdp(0, 8, 101)), recv(100, optional=True), recv(180), cancel(),
        recv(180, optional=True), recv(183, optional=True), recv(487, optional=True, next='terminated'), recv(200),
        recv(180, optional=True), recv(487),
        label('terminated'), ack_refusal(),
    ]


def digest_auth():
    return [
        invite(body=sdp(0), user='alice'),
        recv(100, optional=True), recv(401, auth=True, optional=True, next='challenged'), recv(407, auth=True),
        label('challenged'), ack_refusal(user='alice'),
        invite(2, body=sdp(0), user='alice', headers=[CREDENTIALS]), answered(), ack(2, user='alice'),
        play('audio_ulaw.pcap'), pause(),
        request('BYE', 3, 'bye3', user='alice'), recv(200, crlf=True),
    ]


def register():
    def registration(cseq, *headers):
        return send([
            'REGISTER sip:[remote_ip]:[remote_port] SIP/2.0',
            via(f'r{cseq}'),
            *headers,
            'From: <sip:[service]@[remote_ip]>;tag=[pid]r[call_number]',
            'To: <sip:[service]@[remote_ip]>',
            'Call-ID: [call_id]',
            f'CSeq: {cseq} REGISTER',
            'Max-Forwards: 70',
            'Contact: <sip:[service]@[local_ip]:[local_port]>;expires=60',
            'Content-Length: 0',
            '',
        ], retransmit=True)

    return [
        registration(1),
        recv(100, optional=True), recv(200, optional=True, next='end'), recv(401, auth=True),
        registration(2, CREDENTIALS), recv(200),
        label('end'),
    ]


def options_ping():
    return [
        send([
            f'OPTIONS {TARGET} SIP/2.0',
            via('o1'),
            'From: "sipp" <sip:sipp@[local_ip]:[local_port]>;tag=[pid]s[call_number]',
            'To: <sip:[service]@[remote_ip]>',
            'Call-ID: [call_id]',
            'CSeq: 1 OPTIONS',
            'Max-Forwards: 70',
            'Contact: <sip:sipp@[local_ip]:[local_port];transport=[transport]>',
            'Accept: application/sdp',
            'Content-Length: 0',
            '',
        ], retransmit=True),
        recv(200),
    ]


def late_offer():
    answer = sdp(0, 101)
    return [invite(), answered(), ack(body=answer), play('audio_ulaw.pcap'), pause(), bye(2)]


def refer():
    """Blind transfer: told by NOTIFY, hung up by the gateway."""
    contact = 'Contact: <sip:sipp@[local_ip]:[local_port];transport=[transport]>'
    return [
        invite(body=sdp(0)), answered(), ack(), play('audio_ulaw.pcap'), pause(),
        request('REFER', 2, 'ref2', headers=['Refer-To: <[refer_to]>', contact]), recv(202),
        recv_request('NOTIFY'), response(200, 'OK', new_tag=False),
        recv_request('NOTIFY'), response(200, 'OK', new_tag=False),
        recv_request('BYE'), response(200, 'OK', new_tag=False),
    ]


def g729_only():
    return [invite(body=sdp(18)), recv(100, optional=True), recv(488), ack_refusal()]


# ---- SIPREC -------------------------------------------------------------------------------------------------------

BOUNDARY = 'sippBoundary'
GROUP = '7+OTCyoxTmqmqyA/1weDAg=='
SESSION = 'hVpd7YQgRW2nD22h7q60JQ=='
BOB = 'srfBElmCRp2QB23b7Mpk0w=='
ALICE = 'zSfPoSvdSDCmU3A3TRDxAw=='
STREAM_1 = 'UAAMm5GRQKSCMVvLyl4rFw=='
STREAM_2 = 'i1Pz3to5hGk8fuXl+PbwCw=='
BEGAN = '<associate-time>2024-01-01T09:00:00Z</associate-time>'


def recording_metadata():
    """RFC 7865, complete."""
    return [
        '<?xml version="1.0" encoding="UTF-8"?>',
        '<recording xmlns="urn:ietf:params:xml:ns:recording:1">',
        '<datamode>complete</datamode>',
        f'<group group_id="{GROUP}">{BEGAN}</group>',
        f'<session session_id="{SESSION}">',
        '<sipSessionID>ab30317f1a784dc48ff824d0d3715d86;remote=47755a9de7794ba387653f2099600ef2</sipSessionID>',
        f'<group-ref>{GROUP}</group-ref>',
        '</session>',
        f'<participant participant_id="{BOB}">',
        '<nameID aor="sip:bob@example.com"><name xml:lang="en">Bob</name></nameID>',
        '</participant>',
        f'<participant participant_id="{ALICE}">',
        '<nameID aor="sip:alice@example.com"><name xml:lang="en">Alice</name></nameID>',
        '</participant>',
        f'<stream stream_id="{STREAM_1}" session_id="{SESSION}"><label>1</label></stream>',
        f'<stream stream_id="{STREAM_2}" session_id="{SESSION}"><label>2</label></stream>',
        f'<sessionrecordingassoc session_id="{SESSION}">{BEGAN}</sessionrecordingassoc>',
        f'<participantsessionassoc participant_id="{BOB}" session_id="{SESSION}">{BEGAN}</participantsessionassoc>',
        f'<participantsessionassoc participant_id="{ALICE}" session_id="{SESSION}">{BEGAN}</participantsessionassoc>',
        f'<participantstreamassoc participant_id="{BOB}">',
        f'<send>{STREAM_1}</send><recv>{STREAM_2}</recv>',
        '</participantstreamassoc>',
        f'<participantstreamassoc participant_id="{ALICE}">',
        f'<send>{STREAM_2}</send><recv>{STREAM_1}</recv>',
        '</participantstreamassoc>',
        '</recording>',
    ]


def recorded_stream(port, name, direction, *formats):
    return [
        f'm=audio {port} RTP/AVP ' + ' '.join(map(str, formats)),
        *[f'a=rtpmap:{number} {FORMATS[number]}' for number in formats],
        'a=ptime:20',
        f'a=label:{name}',
        f'a={direction}',
    ]


def session(user):
    return ['v=0', f'o={user} 2890844526 1 IN IP4 [local_ip]', 's=-', 'c=IN IP4 [media_ip]', 't=0 0']


def siprec_offer():
    return [
        f'--{BOUNDARY}',
        'Content-Type: application/sdp',
        '',
        *session('src'),
        *recorded_stream('[media_port]', 1, 'sendonly', 0, 8),
        *recorded_stream('[sport2]', 2, 'sendonly', 0, 8),
        '',
        f'--{BOUNDARY}',
        'Content-Type: application/rs-metadata+xml',
        'Content-Disposition: recording-session',
        '',
        *recording_metadata(),
        '',
        f'--{BOUNDARY}--',
    ]


SRC_CONTACT = 'Contact: <sip:src@[local_ip]:[local_port];transport=[transport]>;+sip.src'
SECOND_STREAM = './rtpsend.py audio2_ulaw.pcap [$rip]:[$port2] --sport [sport2] --ssrc 0x22222222'


def both_ports():
    ports = tag('ereg', regexp='m=audio ([0-9]+)[^m]*.*m=audio ([0-9]+)', search_in='msg', check_it=True,
                assign_to='all,port1,port2') + '/>'
    address = tag('ereg', regexp='c=IN IP4 ([0-9.]+)', search_in='msg', check_it=True, assign_to='c,rip') + '/>'
    return [answered([ports, address]), ['<Reference variables="all,c,port1"/>']]


def siprec_invite(body):
    return invite(
        body=body,
        content_type=f'multipart/mixed;boundary={BOUNDARY}',
        contact=SRC_CONTACT,
        headers=[
            'Require: siprec',
            'Accept: application/sdp, application/rs-metadata, application/rs-metadata-request',
            'MIME-Version: 1.0',
        ])


def siprec():
    return [
        siprec_invite(siprec_offer()), both_ports(), ack(),
        play('audio_ulaw.pcap'), execute(command=SECOND_STREAM), pause(), bye(2),
    ]


def siprec_join():
    first = recorded_stream('[media_port]', 1, 'sendonly', 0, 8)
    second = recorded_stream('[sport2]', 2, 'sendonly', 0, 8)
    offer = siprec_offer()
    alone = offer[:offer.index(second[0])] + offer[offer.index(second[0]) + len(second):]
    both = [line.replace('2890844526 1 IN', '2890844526 2 IN') for line in session('src')] + first + second
    return [
        siprec_invite(alone), answered(), ack(), play('audio_ulaw.pcap'), pause(1000),
        reinvite(2, both, contact=SRC_CONTACT, headers=['Require: siprec']), both_ports(), ack(2),
        execute(command=SECOND_STREAM), pause(), bye(3),
    ]


# ---- the stand-in gateway -----------------------------------------------------------------------------------------

def in_dialog():
    """After the 200: ACK, then re-INVITEs and INFOs until the BYE."""
    return [
        recv_request('ACK', crlf=True),
        label('talk'),
        recv_request('INVITE', optional=True, next='reinvite'),
        recv_request('INFO', optional=True, next='info'),
        recv_request('BYE', next='bye'),
        label('reinvite'),
        response(200, 'OK', body=sdp(0, 8, 101, port='[sink]'), new_tag=False, retransmit=True),
        recv_request('ACK', next='talk'),
        label('info'), response(200, 'OK', new_tag=False, following='talk'),
        label('bye'), response(200, 'OK', new_tag=False),
    ]


def answer_call():
    return response(200, 'OK', body=sdp(0, 8, 101, port='[sink]'), retransmit=True)


def uas_answer():
    return [recv_request('INVITE', crlf=True, rrs=True), response(180, 'Ringing'), answer_call(), in_dialog()]


def uas_play():
    def header(name, variable):
        return tag('ereg', regexp='.*', search_in='hdr', header=name, assign_to=variable) + '/>'

    return [
        recv_request('INVITE', [header('From:', 'caller')], crlf=True, rrs=True), response(180, 'Ringing'),
        response(200, 'OK', body=sdp(0), retransmit=True),
        recv_request('ACK', [header('To:', 'callee')]), play('audio_ulaw.pcap'), pause(),
        send([
            f'BYE {DIALOG} SIP/2.0', via('bye'), 'From:[$callee]', 'To:[$caller]', '[last_Call-ID:]', 'CSeq: 1 BYE',
            'Max-Forwards: 70', 'Content-Length: 0', '',
        ], retransmit=True),
        recv(200),
    ]


def uas_answer_auth():
    challenge = 'WWW-Authenticate: Digest realm="test", nonce="abcdef0123456789", algorithm=MD5, qop="auth"'
    verify = tag('verifyauth', assign_to='ok', username='alice', password='secret') + '/>'
    return [
        recv_request('INVITE', crlf=True), response(401, 'Unauthorized', headers=[challenge]), recv_request('ACK'),
        recv_request('INVITE', [verify]), jump('allowed', test='ok'), jump('denied'),
        label('allowed'), answer_call(), in_dialog(), jump('end'),
        label('denied'), response(403, 'Forbidden'), recv_request('ACK'),
        label('end'),
    ]


def uas_ring_until_cancel():
    terminated = send([
        'SIP/2.0 487 Request Terminated',
        '[last_Via:]',
        '[last_From:]',
        '[last_To:];tag=[pid]u[call_number]',
        '[last_Call-ID:]',
        'CSeq: 1 INVITE',
        'Content-Length: 0',
        '',
    ], retransmit=True)
    return [
        recv_request('INVITE', crlf=True), response(180, 'Ringing'),
        recv_request('CANCEL'), response(200, 'OK'), terminated, recv_request('ACK'),
    ]


def uas_siprec():
    answer = session('srs') + recorded_stream('[sink]', 1, 'recvonly', 0) + recorded_stream('[sink2]', 2, 'recvonly', 0)
    return [
        recv_request('INVITE', crlf=True, rrs=True), response(200, 'OK', body=answer, user='srs', retransmit=True),
        recv_request('ACK'), recv_request('BYE'), response(200, 'OK', new_tag=False),
    ]


# ---- all of them: name, what it does, steps ------------------------------------------------------------------------

SCENARIOS = [
    ('uac_g711u', 'Offers PCMU only, plays audio_ulaw.pcap, hangs up after -d ms.',
     simple_call(sdp(0), play('audio_ulaw.pcap'))),
    ('uac_g711a', 'Offers PCMA only, plays audio_alaw.pcap, hangs up after -d ms.',
     simple_call(sdp(8), play('audio_alaw.pcap'))),
    ('uac_g711u_stream', 'PCMU, headerless audio.ulaw by SIPp\'s own rtp_stream.',
     simple_call(sdp(0, port=STREAM_PORT), stream('audio.ulaw,1,0'))),
    ('uac_g711a_stream', 'PCMA, headerless audio.alaw by SIPp\'s own rtp_stream.',
     simple_call(sdp(8, port=STREAM_PORT), stream('audio.alaw,1,8'))),
    ('uac_load_stream', 'For many calls: own SSRC each, all from one local RTP port; audio looped until BYE.',
     load_call(STREAM_PORT, stream('audio.ulaw,-1,0'))),
    ('uac_load_pcap', 'For many calls: own RTP port each (steps of 4), all with the SSRC of the pcap.',
     load_call('[auto_media_port]', play('audio_ulaw.pcap'))),
    ('uac_hold_resume', 'Plays; re-INVITE sendonly for 1.5 s; re-INVITE sendrecv; plays on with the same SSRC.',
     hold_and_resume()),
    ('uac_dtmf_rfc4733', 'Plays, then the digits of dtmf.pcap as telephone events (payload type 101).', dtmf_rfc4733()),
    ('uac_dtmf_info', 'One digit by SIP INFO (application/dtmf-relay).', dtmf_info()),
    ('uac_cancel', 'CANCEL after 700 ms of ringing without 200; a gateway that answered by then gets ACK and BYE.',
     cancel_while_ringing()),
    ('uac_cancel_immediate', 'CANCEL right after the first provisional response: the race with the 200.',
     cancel_at_once()),
    ('uac_digest_auth', 'INVITE, 401 or 407, INVITE with the credentials alice/secret, plays.', digest_auth()),
    ('uac_register', 'REGISTER of [service]; answers a 401 as alice/secret.', register()),
    ('uac_options', 'OPTIONS, expects 200.', options_ping()),
    ('uac_late_offer', 'INVITE without SDP: the 200 has the offer, the ACK the answer (PCMU).', late_offer()),
    ('uac_refer', 'Plays audio_ulaw.pcap, asks by REFER to go on with [refer_to], takes NOTIFY and BYE.', refer()),
    ('uac_g729_only', 'Offers G.729 only, expects 488.', g729_only()),
    ('uac_siprec', 'SIPREC recording client: two labelled sendonly streams and RFC 7865 metadata; '
     'SIPp plays stream 1, rtpsend.py stream 2.', siprec()),
    ('uac_siprec_join', 'As uac_siprec, of one stream; a re-INVITE after a second adds the other one.', siprec_join()),
    ('uas_answer', 'Answers with media at [media_ip]:[sink] (rtpsink.py); re-INVITE, INFO and BYE are served.',
     uas_answer()),
    ('uas_play', 'Answers, plays audio_ulaw.pcap, hangs up after -d ms.', uas_play()),
    ('uas_answer_auth', 'As uas_answer after a 401 with qop=auth; checks the digest of alice/secret.',
     uas_answer_auth()),
    ('uas_ring_until_cancel', 'Rings until CANCEL.', uas_ring_until_cancel()),
    ('uas_siprec', 'SIPREC recording server: both streams recvonly, at [sink] and [sink2].', uas_siprec()),
]


def elements(steps):
    """Flattens nested steps into elements; an element is a list of lines."""
    for step in steps:
        if isinstance(step[0], str):
            yield step
        else:
            yield from elements(step)


def document(name, note, steps):
    lines = ['<?xml version="1.0" encoding="ISO-8859-1" ?>', '<!-- Made by bin/mkscen.py.', f'     {note} -->',
             f'<scenario name="{name}">']
    for element in elements(steps):
        lines.append('')
        lines += ['  ' + line if line else '' for line in element]
    return '\n'.join([*lines, '', '</scenario>', ''])


def main(arguments):
    if len(arguments) != 1:
        print(__doc__, file=sys.stderr)
        return 2
    texts = {f'{name}.xml': document(name, note, steps) for name, note, steps in SCENARIOS}
    if arguments[0] == '--check':
        checked_in = {path.name: path.read_text() for path in (KIT / 'sipp').glob('*.xml')}
        differing = sorted(name for name in texts.keys() | checked_in.keys()
                           if texts.get(name) != checked_in.get(name))
        for name in differing:
            print(f'differs: {name}')
        return 1 if differing else 0
    out = pathlib.Path(arguments[0])
    out.mkdir(parents=True, exist_ok=True)
    for name, text in texts.items():
        (out / name).write_text(text)
    return 0


sys.exit(main(sys.argv[1:]))
