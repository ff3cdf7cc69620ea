#!/usr/bin/env bash
# Writes the configuration of one headless baresip, which plays a WAV and records what it hears.
#
# usage: baresip_peer.sh NAME SIP_PORT [WAV]        (TLS listens on SIP_PORT + 1; WAV: default the kit's speech.wav)
# environment:
#   ENC=srtp | srtp-mand | srtp-mandf | dtls_srtp   media encryption (default none)
#   TLS=1                  register the account with transport=tls
#   CODECS=pcmu/8000/1     or pcma/8000/1, g722/16000/1, opus/48000/2, comma-separated
#   SRATE=8000             rate of the WAV where it is not the codec's
#   ANSWER=auto | manual   RTP=20000-20100   CTRL=4444 (ctrl_tcp)   HTTP=8100
#   EXTRA                  appended to the account line, e.g. ";auth_user=alice;auth_pass=secret"
# Prints the folder, WORK/baresip/NAME. Then:
#   baresip -f FOLDER -v -s -t SECS -e "/dial sip:x@GW" < /dev/null      heard audio: FOLDER/rec/*-dec.wav
# exit: 0 written; 2 wrong usage
set -euo pipefail
KIT=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
WORK=${SIPKIT_WORK:-${TMPDIR:-/tmp}/sipkit-$UID}

if (( $# < 2 )); then
    echo 'usage: baresip_peer.sh NAME SIP_PORT [WAV]' >&2
    exit 2
fi
name=$1 port=$2 wav=${3:-$KIT/audio/speech.wav}

modules=${BARESIP_MODULES:-}
for folder in /usr/lib/baresip/modules /usr/local/lib/baresip/modules; do
    if [[ -z $modules && -d $folder ]]; then modules=$folder; fi
done

peer=$WORK/baresip/$name
mkdir -p "$peer/rec"
rm -f "$peer"/rec/*.wav
tls=$("$KIT/bin/tls_keys.sh")

cat > "$peer/config" <<CONFIG
poll_method epoll
sip_listen 127.0.0.1:$port
sip_certificate $tls/both.pem
sip_cafile $tls/cert.pem
net_interface 127.0.0.1
call_local_timeout 120
call_max_calls 8
rtp_ports ${RTP:-20000-20100}
rtp_stats yes
jitter_buffer_delay 5-10
audio_source aufile,$wav
audio_player aufile,$peer/play.wav
audio_alert aufile,/dev/null
audio_buffer 20-160
ausrc_format s16
auplay_format s16
auenc_format s16
audec_format s16
snd_path $peer/rec
ctrl_tcp_listen 127.0.0.1:${CTRL:-4444}
http_listen 127.0.0.1:${HTTP:-8100}
module_path $modules
module stdio.so
module g711.so
module g722.so
module opus.so
opus_bitrate 64000
${SRATE:+ausrc_srate $SRATE}
${SRATE:+auplay_srate $SRATE}
${SRATE:+ausrc_channels 1}
${SRATE:+auplay_channels 1}
module sndfile.so
module aufile.so
module ausine.so
module srtp.so
module dtls_srtp.so
module_tmp account.so
module_app menu.so
module_app ctrl_tcp.so
module_app httpd.so
CONFIG

uri="sip:$name@127.0.0.1:$port${TLS:+;transport=tls}"
params="regint=0;answermode=${ANSWER:-auto};audio_codecs=${CODECS:-pcmu/8000/1}${ENC:+;mediaenc=$ENC}${EXTRA:-}"
echo "<$uri>;$params" > "$peer/accounts"
touch "$peer/contacts"
echo "$peer"
