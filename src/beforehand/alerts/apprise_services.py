"""The services of Apprise that are let out: those that were looked at, and do nothing but ask over HTTP.

A service that a later Apprise brings is in neither list, and refused until somebody has looked at it: that it runs
no program, opens no socket, talks to nothing on this machine (tests/alerts/test_apprise.py holds them to it).
"""

from urllib.parse import parse_qs, urlsplit

_SAFE = """
    46elks acs apprises atalk awswhatsapp bale barks betterstack brevo bulksms bulkvs burstsms chanify
    clickatell clicksend cliq cm d7sms dapnet dingtalk discord dot eight00com elks embys enigma2s evolutions
    exotel feishu firehydrant flock flowtriqs fluxers forms freemobile gchat github goalerts gorushs gotifys
    groundmail groupme gupshup hassios httpsms humhubs ifttt ilert incidentio infobip instagram join jsons kakao
    kakaotalk kaleyra kavenegar klr kodis kook kudosity kumulos lametrics lark lauther lfg line mailersend
    matrixs misskeys mmosts mobilemessage mobilemsg msg91 msgbird nctalks nexmo noticas notifiarr notificos
    notifyapp notifyre ntfys octopush onebots onesignal opsimates pagerduty pagertree parseps pbul pinglets
    pingram pjets plivo postmark pover prowl psafers push pushdeers pushed pushplus pushward pushy qq reddit
    resend revolt ringc rockets ryver schan sendgrid sendpulse serwersms seven signalgrid signals signl4
    simplepush sinch smsc smseagles smsmanager smsmgr smstunnel smtp2go sns sparkpost spike splunk spugpush
    spush squadcast stackfield strmlabs synologys telesign telnyx tgram threema trigvs twilio viber victorops
    voipms vonage webex wechat wecom wecombot whapi whatsapp wpush wxpusher wxteams xbmcs xmatters xmls youlmk
    zalo zcliq zohocliq zoom zulip
"""
_PLAIN = """
    apprise bark emby enigma2 evolution flowtriq fluxer form goalert gorush gotify hassio humhub json kodi
    lametric matrix misskey mmost nctalk notica notifico ntfy onebot opsimate parsep pinglet pjet psafer
    pushdeer rocket signal smseagle synology trigv xbmc xml
"""
SAFE = frozenset(_SAFE.split())
"""Over https alone."""
PLAIN = frozenset(_PLAIN.split())
"""Over http: for machines of one's own network alone."""


def fault_of(address: str, allow_private: bool) -> str:
    """What is wrong with an address before Apprise reads it; "" where nothing is."""
    schema, mark, rest = address.partition("://")
    schema = schema.lower()
    if not mark or not rest:
        return "it is none of Apprise's addresses"
    if schema in PLAIN and not allow_private:
        return f"{schema}:// is not encrypted: for a private network alone, which an owner can allow"
    if schema not in SAFE | PLAIN:
        return f"{schema}:// is not one of the services that are let out"
    asked = {key.lower(): values for key, values in parse_qs(urlsplit(address).query).items()}
    for key in asked:
        if key == "template":
            return "it names a file of this machine (template=)"
        if key == "verify" and not allow_private:
            return "whether the other side is who it says is not to be left out (verify=)"
    return ""
