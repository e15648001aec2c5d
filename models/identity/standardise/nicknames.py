"""English short forms and the names they stand for. A list of facts, no rule but the look-up.

A short form may stand for several names (Alex, Sam, Chris): two given names are compatible when
they have one root in common.
"""

from __future__ import annotations

# root: its short forms and spellings. Common ones from genealogists' lists; add what a company meets.
_SHORT_FORMS = """
abigail: abby abbie gail | adelaide: addie heidi | agnes: aggie | alan: al allan allen | albert: al bert
bertie | alexander: alex alec sandy xander lex | alexandra: alex sandra lexi sandy alexa | alfred: al alf
alfie fred | alice: allie ali | alison: ali allie | amanda: mandy | amelia: amy millie emmy | andrea:
andie andy | andrew: andy drew | angela: angie ang | anne: ann annie anna nan | ann: anne annie | anna:
ann annie | anthony: tony ant | antonia: toni | archibald: archie | arnold: arnie | arthur: art artie |
augustus: gus | barbara: barb babs barbie | barnaby: barney | beatrice: bea trixie | belinda: bel linda |
benjamin: ben benny benji | bernadette: bernie | bernard: bernie | bertram: bert | bradley: brad | brenda:
bren | bridget: bridie biddy | calvin: cal | cameron: cam | caroline: carrie carol caro lina | carolyn:
carrie lyn | cassandra: cass cassie sandra | catherine: cathy kate katie cat cath kitty katherine kathryn
| katherine: kathy kate katie kat kitty kath catherine kathryn | kathleen: kath kathy kate katie |
charles: charlie chuck chas charley | charlotte: charlie lottie lotte char | christian: chris | christina:
chris tina chrissy christy | christine: chris chrissy christy tina | christopher: chris topher kit |
clarence: clar | clifford: cliff | clinton: clint | constance: connie | cornelia: nell corrie | curtis:
curt | cynthia: cindy cyndi | daniel: dan danny | danielle: dani danny | david: dave davy davey | deborah:
deb debbie debra | dennis: den denny | diana: di diane | dominic: dom nick | donald: don donny donnie |
dorothy: dot dottie dolly dory | douglas: doug | edgar: ed eddie | edith: edie | edmund: ed ned eddie ted
| edward: ed eddie ted teddy ned | edwin: ed eddie | eleanor: ellie nell nora ella lenny | elijah: eli |
elizabeth: liz beth betty eliza lizzie betsy bess libby lisa elsie | ellen: nell ellie nellie | emily: em
emmy millie | emma: em emmy | ernest: ernie | eugene: gene | eva: eve evie | evelyn: evie eve lyn | fiona:
fi | florence: flo flossie | frances: fran frankie fanny | francis: frank fran frankie | franklin: frank |
frederick: fred freddie freddy rick | gabriel: gabe | gabrielle: gabby gaby | geoffrey: geoff jeff |
george: georgie | georgia: georgie gina | georgina: georgie gina | gerald: gerry jerry | gerard: gerry |
gertrude: trudy gertie | gilbert: gil bert | grace: gracie | gregory: greg | gwendolyn: gwen wendy |
hannah: hanna | harold: harry hal | harriet: hattie harry | harrison: harry | harvey: harv | helen: nell
nellie lena ellie | henrietta: hettie etta | henry: harry hank hal | herbert: herb bert bertie | howard:
howie | hubert: bert hugh | hugh: hughie | ignatius: iggy | isaac: ike zac | isabel: izzy bella isabella
belle isobel | isabella: izzy bella isabel | jacob: jake jay | jacqueline: jackie jacqui | james: jim
jimmy jamie jem | jane: janie jenny | janet: jan | jasmine: jaz jas jazz | jason: jay jase | jeffrey: jeff
geoff | jennifer: jen jenny jenn | jeremiah: jerry jem | jeremy: jem jerry | jerome: jerry | jessica: jess
jessie | joan: joanie | joanna: jo joanne | joanne: jo joanna | john: johnny jack jon jock | jonathan: jon
jonny john | joseph: joe joey jo | josephine: josie jo | joshua: josh | judith: judy jude | julia: jules
julie | julian: jules jule | juliet: jules julie | karen: kaz | kenneth: ken kenny | kevin: kev |
kimberly: kim kimberley | kristina: kris tina kristin | laura: laurie lori | laurence: larry laurie
lawrence | lawrence: larry laurie laurence | leonard: len leo lenny | leonora: nora | leopold: leo |
leslie: les | lewis: lew lewie louis | lillian: lily lil lilly | linda: lindy lin lynn | louis: lou louie
lewis | louise: lou lulu | lucas: luke | lucy: lu | lynda: linda lyn | madeleine: maddie maddy madeline |
madeline: maddie madeleine | malcolm: mal | marcus: marc mark | margaret: maggie peg meg peggy madge
margie rita greta daisy | maria: mia marie | marian: marion | marjorie: marge margie | martha: marty
mattie | martin: marty | mary: molly polly mae mamie may marie | matilda: tilly mattie tilda | matthew:
matt matty | maurice: moe mo | maximilian: max | maxwell: max | megan: meg | melanie: mel | melissa: mel
lissa missy | melvin: mel | michael: mike mick mikey micky | michelle: shelly shell chelle | mildred:
millie | millicent: millie | miriam: mimi mim | mitchell: mitch | montgomery: monty | nancy: nan |
natalie: nat | nathan: nate nat | nathaniel: nate nat nathan | nicholas: nick nicky nico | nicola: nicky
nikki | nicole: nicky nikki nic | norman: norm | oliver: ollie noll | olivia: liv livvy ollie | oswald: oz
ozzie | pamela: pam | patience: pat patty | patricia: pat trish patty tricia patsy | patrick: pat paddy
rick | paula: polly | penelope: penny nell | peter: pete | philip: phil phillip pip | philippa: pippa pip
| priscilla: prissy cilla | prudence: prue | rachel: rach rae | raymond: ray | rebecca: becky becca beck |
reginald: reg reggie | reuben: ben rube | richard: rich rick dick ricky richie | robert: bob rob bobby
robbie bert robin | roberta: bobbie robbie berta | roderick: rod rick roddy | rodney: rod roddy | roger:
rodge | roland: rollo roly | ronald: ron ronnie | rosalind: ros rosie roz | rose: rosie | rosemary: rosie
rose romy | rudolph: rudy | rupert: rup | russell: russ rusty | ruth: ruthie | samantha: sam sammy |
samuel: sam sammy | sandra: sandy | sarah: sally sadie sara | sebastian: seb bas | sharon: shaz | sidney:
sid | silvester: sly | solomon: sol | sophia: sophie | stanley: stan | stephanie: steph stephie stevie |
stephen: steve steven stevie | steven: steve stephen stevie | stewart: stu stuart | stuart: stu stewart |
susan: sue susie suzy | susanna: sue susie susan | suzanne: sue suzy | sylvester: sly | terence: terry |
theodora: thea dora teddy | theodore: ted theo teddy | theresa: terry tess teresa tracy | teresa: terry
tess theresa tessa | thomas: tom tommy | timothy: tim timmy | tobias: toby | trevor: trev | valentine: val
| valerie: val | vanessa: nessa | veronica: ronnie vera | victor: vic | victoria: vicky tori vicki vic |
vincent: vince vin | violet: vi | virginia: ginny ginger | vivian: viv | vivienne: viv | walter: walt
wally | wallace: wally | wesley: wes | wilfred: wilf fred will | wilhelmina: mina billie | william: bill
will billy liam willie | winifred: winnie freda | winston: win | yolanda: yola | yvonne: vonnie | zachary:
zach zack zac
"""


def _roots() -> dict[str, frozenset[str]]:
    found: dict[str, set[str]] = {}
    for entry in _SHORT_FORMS.split("|"):
        root, forms = (part.strip() for part in entry.split(":"))
        found.setdefault(root, set()).add(root)
        for form in forms.split():
            found.setdefault(form, set()).add(root)
    return {name: frozenset(roots) for name, roots in found.items()}


ROOTS = _roots()


def _one_letter_less(name: str) -> set[str]:
    return {name[:at] + name[at + 1 :] for at in range(len(name))}


def _by_shortened() -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for name in ROOTS:
        if len(name) >= 4:
            for shortened in _one_letter_less(name) | {name}:
                found.setdefault(shortened, set()).add(name)
    return found


_SHORTENED = _by_shortened()


def misspelt(given: str) -> set[str]:
    """Known names one slip away (a letter more, less, other, or two changed about) from an unknown one.

    Two words are that close when they can be made equal by taking at most one letter from each.
    """
    if given in ROOTS or len(given) < 4:
        return set()
    return {name for shortened in _one_letter_less(given) | {given} for name in _SHORTENED.get(shortened, ())}


def roots(given: str) -> list[str]:
    """The names a given name may stand for, sorted, itself among them.

    A name in no list may be a slip of the keyboard for one that is: what that stands for counts too.
    """
    found = set(ROOTS.get(given, ())) | {given}
    for name in misspelt(given):
        found |= ROOTS[name]
    return sorted(found)
