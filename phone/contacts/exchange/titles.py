"""The titles of columns, in small letters without accents, by what stands under them. Data.

Google's, as it wrote them until 2024 and writes them since; Outlook's, in the language of who exports
(English, German, French, Spanish, Dutch); and what people write over a list of their own.
"""

from phone.contacts.card import Kind
from phone.contacts.exchange.roles import Role

ROLES = {
    Role.FORMATTED: """
        name | full name | display name | contact | contact name | anzeigename | vollstandiger name
        ganzer name | kontakt | nom complet | nom affiche | nombre completo | nombre para mostrar
        volledige naam | nome completo | wer
    """,
    Role.PREFIX: "name prefix | title | prefix | anrede | titre | tratamiento | titolo | aanhef",
    Role.GIVEN: "first name | given name | firstname | vorname | rufname | prenom | nombre | voornaam | nome",
    Role.MIDDLE: """
        middle name | additional name | weitere vornamen | zweiter vorname | deuxieme prenom | segundo nombre
        middelste naam | secondo nome
    """,
    Role.FAMILY: """
        last name | family name | surname | lastname | nachname | familienname | zuname | nom | nom de famille
        apellidos | apellido | achternaam | cognome
    """,
    Role.SUFFIX: "name suffix | suffix | suffixe | sufijo | achtervoegsel | namenssuffix",
    Role.NICKNAME: "nickname | spitzname | surnom | apodo | alias",
    Role.FILED_AS: "file as | speichern unter",
    Role.COMPANY: """
        company | company name | organization | organisation | organization name | firma | firmenname
        unternehmen | societe | entreprise | organizacion | compania | empresa | bedrijf | societa | azienda
    """,
    Role.NOTE: """
        notes | note | comment | comments | notizen | notiz | bemerkung | bemerkungen | kommentar | notas
        nota | notities | remarques
    """,
    Role.LABELS: "labels | group membership | categories | kategorien | categorias | categorieen",
    Role.EMAIL: """
        e-mail | email | mail | e-mail address | email address | e-mail 1 address | e-mail 2 address
        e-mail 3 address | email 1 | email 2 | email 3 | e-mail 1 | e-mail 2 | e-mail 3
        e-mail-adresse | emailadresse | mailadresse | e-mail: adresse | e-mail 2: adresse | e-mail 3: adresse
        adresse de messagerie | adresse de messagerie 2 | adresse de messagerie 3
        adresse de courrier | adresse de courrier 2 | adresse de courrier 3 | adresse mail | courriel
        direccion de correo electronico | direccion de correo electronico 2
        direccion de correo electronico 3 | direccion del correo electronico 3 | correo | correo electronico
        e-mailadres | e-mailadres 2 | e-mailadres 3 | indirizzo posta elettronica
    """,
    # Always there, the same for everybody, or of use to Outlook alone.
    Role.LEFT_OUT: """
        photo | phonetic first name | phonetic middle name | phonetic last name | yomi name | given name yomi
        additional name yomi | family name yomi | short name | maiden name | subject | schedule+ | location
        gender | priority | sensitivity | private | language | initials | mileage | billing information
        internet free busy | directory server | government id number | organizational id number | account
        keywords | e-mail type | e-mail 2 type | e-mail 3 type | e-mail display name | e-mail 2 display name
        e-mail 3 display name
        geschlecht | prioritat | vertraulichkeit | privat | sprache | initialen | reisekilometer
        abrechnungsinformation | internet-frei/gebucht | verzeichnisserver | regierungsnr. | organisationsnr.
        konto | stichworter | e-mail-typ | e-mail 2: typ | e-mail 3: typ | e-mail: angezeigter name
        e-mail 2: angezeigter name | e-mail 3: angezeigter name
        sexe | priorite | critere de diffusion | prive | langue | initiales | kilometrage | mots cles
        informations facturation | disponibilite internet | emplacement | compte | code gouvernement
        numero d'identification de l'organisation | type de messagerie | type de messagerie 2
        type de messagerie 3 | nom complet de l'adresse de messagerie
        nom complet de l'adresse de messagerie 2 | nom complet de l'adresse de messagerie 3
        type de courrier | type de courrier 2 | type de courrier 3 | nom complet de l'adresse de courrier
        nom complet de l'adresse de courrier 2 | nom complet de l'adresse de courrier 3
        sexo | prioridad | idioma | account | geslacht | prioriteit | gevoeligheid | initielen
        adreslijstserver | e-mailtype | e-mailtype 2 | e-mailtype 3 | weergavenaam voor e-mail
        e-mail, weergegeven naam 2 | e-mail, weergegeven naam 3
    """,
}

NUMBERS = {
    Kind.MOBILE: """
        mobile | mobile phone | mobile phone 2 | mobile number | cell | cell phone | cellphone
        mobiltelefon | mobiltelefon 2 | mobilnummer | mobil | handy | handynummer | natel
        tel. mobile | telephone mobile | telephone portable | portable
        telefono movil | telefono movil 2 | movil | celular | mobiele telefoon | cellulare
    """,
    Kind.WORK: """
        work | business phone | business phone 2 | work phone | office | office phone | assistant's phone
        telefon geschaftlich | telefon geschaftlich 2 | telefon (geschaftlich) | telefon dienstlich
        telefon assistent | buro telefon | dienstlich
        telephone (bureau) | telephone 2 (bureau) | telephone de l'assistant(e) | telephone professionnel
        telefono del trabajo | telefono del trabajo 2 | telefono del ayudante
        telefoon op werk | telefoon op werk 2 | telefoon assistent
    """,
    Kind.HOME: """
        home | home phone | home phone 2 | private phone
        telefon privat | telefon privat 2 | telefon (privat) | telefon (privat 2)
        telephone (domicile) | telephone 2 (domicile) | telephone personnel
        particular | telefono particular | telefono particular 2 | telefoon thuis | telefoon thuis 2
    """,
    Kind.MAIN: """
        company main phone | main phone | primary phone | telefon firma | haupttelefon | zentrale
        telephone societe | telephone principal | tel. principal | telefono principal
        hoofdtelefoon bedrijf | hoofdtelefoon
    """,
    Kind.FAX: """
        fax | business fax | home fax | other fax | fax number | fax geschaftlich | fax privat | weiteres fax
        telecopie (bureau) | telecopie (domicile) | telecopie (autre) | fax (bureau) | fax (domicile)
        fax (autre) | fax del trabajo | fax particular | otro fax | fax op werk | fax thuis | andere fax
    """,
    Kind.OTHER: """
        phone | phone number | telephone | telephone number | tel | tel. | number | other phone | car phone
        radio phone | pager | callback | isdn | telex | tty/tdd phone
        telefon | telefonnummer | rufnummer | nummer | festnetz | weiteres telefon | autotelefon | ruckmeldung
        telefon fur horbehinderte
        telephone (autre) | telephone (voiture) | rappel | rnis | radio telephone | radiotelephone
        recepteur de radiomessagerie | telephone tdd/tty | numero | numero de telephone
        telefono | numero de telefono | otro telefono | devolucion de llamada | localizador
        telefoon | andere telefoon | autotelefoon | radiotelefoon | teksttelefoon | terugbellen
        telefoonnummer
    """,
}


def split(words: str) -> frozenset[str]:
    return frozenset(words.split())


# The parts of an address, and whose it is.
ADDRESS_WORDS = split(
    """
    street city state postal zip po box country country/region address
    strasse ort weiterer region bundesland bundesland/kanton postleitzahl plz postfach land land/region
    rue ville pays pays/region dep/region departement postale
    calle ciudad provincia codigo pais region
    straat plaats provincie postcode land/regio postbusnummer
    """
)
PLACES = (
    (Kind.WORK, split("business work geschaftlich bureau trabajo werkadres werk")),
    (Kind.HOME, split("home privat domicile particular domicilio huisadres thuis")),
)
