"""Turkish words whose suffixes do not follow from their letters; `suffixes_tr` looks them up. Pure, small letters.

It holds what a hotline says: its own words, months and units, places, well-known names. What is missing here takes the
regular suffix.
"""

from __future__ import annotations

from collections.abc import Mapping


def _set(words: str) -> frozenset[str]:
    return frozenset(words.split())


# The last letters before a suffix that begins with a vowel: hardness goes, a vowel falls out, a letter doubles.
STEMS: Mapping[str, str] = {
    "adet": "aded", "ağaç": "ağac", "akort": "akord", "amaç": "amac", "araç": "arac", "borç": "borc", "cep": "ceb",
    "cevap": "cevab", "devir": "devr", "dolap": "dolab", "dört": "dörd", "ekip": "ekib", "emir": "emr",
    "fikir": "fikr", "grup": "grub", "güç": "güc", "hak": "hakk", "harp": "harb", "hat": "hatt", "hesap": "hesab",
    "hüküm": "hükm", "ihtiyaç": "ihtiyac", "ilaç": "ilac", "isim": "ism", "izin": "izn",
    "kağıt": "kağıd", "kâğıt": "kâğıd", "kalp": "kalb", "kanat": "kanad", "kayıp": "kayb", "kayıt": "kayd",
    "kazanç": "kazanc", "kısım": "kısm", "kilit": "kilid", "kitap": "kitab", "kulüp": "kulüb", "mektup": "mektub",
    "metin": "metn", "nakil": "nakl", "nakit": "nakd", "öğüt": "öğüd", "ömür": "ömr", "renk": "reng", "resim": "resm",
    "ret": "redd", "sahip": "sahib", "sayaç": "sayac", "sebep": "sebeb", "senet": "sened", "sonuç": "sonuc",
    "süreç": "sürec", "şehir": "şehr", "şekil": "şekl", "taahhüt": "taahhüd", "talep": "taleb", "vakit": "vakt",
    "yurt": "yurd", "zam": "zamm",
}  # fmt: skip

# Long words whose last k stays, though that of "aralık" and "ocak" softens.
KEEP_K = _set("ahlak emlak evrak hukuk idrak infilak iştirak merak tahkik tasdik tetkik")

# The last vowel is written like a back one and heard like a front one: saat → saate, kontrol → kontrolü.
FRONT = _set(
    """
    saat dikkat cemaat hakikat itaat kanaat menfaat nasihat sadakat seyahat sıhhat ziraat
    alkol dijital emsal festival final global gol hal harf hayal ideal ihlal ihmal ihtimal iptal istikbal istiklal
    kabul kalp harp kontrol lokal meşgul metal misal moral normal orijinal petrol protokol rol santral sinyal sosyal
    terminal usul
    bilal celal cemal hilal iclal ikbal kemal meral nihal resul zuhal
    montreal nepal senegal
    """
)

# Heard otherwise than written: abbreviations said letter by letter, and foreign names. Keys have i for ı, which
# foreign words do not know: "IP" is in small letters "ip".
HEARD: Mapping[str, str] = {
    "abd": "de", "adsl": "le", "atm": "me", "avm": "me", "eft": "te", "ip": "pi", "iptv": "ve", "otp": "pe",
    "öiv": "ve", "ötv": "ve", "pin": "pin", "sim": "sim", "sms": "esemes",
    "angeles": "encılıs", "apple": "epıl", "bordeaux": "bordo", "cannes": "kan", "charles": "çarls", "chrome": "krom",
    "drive": "drayv", "edinburgh": "edinburg", "george": "corc", "google": "gugıl", "home": "hom", "iphone": "ayfon",
    "james": "ceyms", "jane": "ceyn", "line": "layn", "manchester": "mençıstır", "marseille": "marsey",
    "messenger": "mesıncır", "michelle": "mişel", "mike": "mayk", "office": "ofis", "online": "onlayn",
    "peugeot": "pejo", "phone": "fon", "prime": "praym", "renault": "reno", "skype": "skayp", "spotify": "spotifay",
    "store": "stor", "superonline": "onlayn", "twitter": "tvitır", "versailles": "versay", "vodafone": "vodafon",
    "wifi": "vayfay", "youtube": "yutub",
}  # fmt: skip

# They bear a possessive already ("cadde" → "caddesi"), or are pronouns: the buffer letter is n.
POSSESSED = _set(
    """
    bu şu o biri birisi hepsi hangisi kendisi tümü
    günü saati ayı yılı tarihi
    adresi apartmanı beldesi binası bulvarı caddesi hanı hastanesi ilçesi ili köyü köprüsü kampüsü kavşağı mahallesi
    merkezi mevkii meydanı müdürlüğü parkı pazarı plazası semti sitesi sokağı şehri şubesi üniversitesi yolu bölgesi
    abonesi aboneliği ayarı bağlantısı bedeli borcu bölümü cihazı faturası hattı hesabı hizmeti hizmetleri işyeri
    kartı kaydı kodu kotası kutusu lirası modemi numarası ödemesi paketi randevusu siparişi şifresi talebi tarifesi
    telefonu temsilcisi ücreti
    beylikdüzü beyoğlu boğaziçi eminönü gölbaşı gümüşsuyu kemeraltı kırklareli kocaeli
    kuşadası nişantaşı odunpazarı rumelihisarı tepebaşı unkapanı zeytinburnu
    """
)

# Of several words the last of which ends like a possessive ("telefon numarası"), these are none.
NOT_POSSESSED = frozenset(("pazartesi", "cumartesi"))

# Of several words in small letters the last of which is one of these and a vowel ("arıza bildirimi"), that bears a
# possessive, as STEMS and words in -lik do ("hat sahibi", "hat değişikliği").
NOUNS = _set(
    """
    ad adım alan aşım bildirim bitiş değişim destek detay dönem durum ekran ev fiyat geçiş gönderim hız indirim
    internet istek işlem kanal kapsam kullanım kurulum limit mesaj onay özet plan puan servis sistem sorun soyad taksit
    teknisyen televizyon tercih teslim teslimat tutar tüketim yer yöntem ziyaret
    """
)
