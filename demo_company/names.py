"""Invented name lists: what the demo's people are called, where they live. No rule lives here.

The lists hold common given names and family names; nobody real is meant. Given names are
`name:nickname/nickname`, so that a nickname always belongs to a name that people carry.
"""

import numpy as np

_WOMEN = """
Abigail:Abby/Gail Adele Agnes Alexandra:Alex/Sandra/Lexi Alice:Allie Amanda:Mandy Amber Amelia:Amy/Millie
Andrea:Andie Angela:Angie Ann:Annie Anna:Annie Audrey Barbara:Barb/Babs Beatrice:Bea Bella Bernadette:Bernie
Bridget:Bridie Caroline:Carrie Catherine:Cathy/Kate/Cat Charlotte:Charlie/Lottie Christina:Chris/Tina
Christine:Chris/Chrissy Clara Claudia Constance:Connie Cynthia:Cindy Daisy Danielle:Dani Deborah:Debbie/Deb
Denise Diana:Di Dorothy:Dot/Dottie Edith:Edie Eleanor:Ellie/Nell Elizabeth:Liz/Beth/Betty/Eliza Ellen:Nell
Emily:Em/Emmy Emma:Em Erica Esther Eva:Evie Evelyn:Evie Faith Fiona:Fi Florence:Flo Frances:Fran/Frankie
Gabrielle:Gabby Georgia Gloria Grace:Gracie Hannah Harriet:Hattie Hazel Heather Heidi Helen:Nell Hope Ida
Irene Iris Isabel:Izzy/Bella Isla Ivy Jacqueline:Jackie Jane:Janie Janet:Jan Jasmine:Jaz Jennifer:Jen/Jenny
Jessica:Jess/Jessie Joan:Joanie Joanna:Jo Josephine:Josie/Jo Joyce Judith:Judy Julia:Jules Juliet Karen
Katherine:Kathy/Kate/Katie Kathleen:Kath Kelly Kimberly:Kim Laura:Laurie Lauren Leah Lillian:Lily
Linda:Lindy Lisa Lois Louise:Lou Lucy:Lu Lydia Madeleine:Maddie Margaret:Maggie/Peg/Meg Maria:Mia Marian
Marjorie:Marge Martha:Marty Mary:Molly/Polly Matilda:Tilly Megan:Meg Melissa:Mel Michelle:Shelly
Mildred:Millie Miriam:Mimi Monica Nancy:Nan Naomi Natalie:Nat Nicole:Nicky Nora Olive Olivia:Liv Pamela:Pam
Patricia:Pat/Trish/Patty Paula Pauline Penelope:Penny Phoebe Rachel:Rach Rebecca:Becky Rita Roberta:Bobbie
Rosalind:Ros Rose:Rosie Rosemary:Rosie Ruth:Ruthie Samantha:Sam Sarah:Sally/Sadie Sharon Sheila
Sophia:Sophie Stella Stephanie:Steph Susan:Sue/Susie Sylvia Teresa:Terry/Tess Theodora:Thea Tracy Ursula
Valerie:Val Vanessa:Nessa Veronica:Ronnie Victoria:Vicky/Tori Violet:Vi Virginia:Ginny Vivian:Viv Wendy
Winifred:Winnie Yvonne Zoe
"""
_MEN = """
Aaron Adam Adrian Alan:Al Albert:Al/Bert Alexander:Alex/Sandy Alfred:Alf/Fred Andrew:Andy/Drew Anthony:Tony
Archibald:Archie Arnold:Arnie Arthur:Art Austin Barnaby:Barney Benjamin:Ben/Benny Bernard:Bernie
Bradley:Brad Brandon Brian Bruce Calvin:Cal Cameron:Cam Carl Cecil Charles:Charlie/Chuck Christian:Chris
Christopher:Chris/Topher Clarence Clifford:Cliff Colin Curtis:Curt Cyril Daniel:Dan/Danny David:Dave/Davy
Dean Dennis:Denny Derek Dominic:Dom Donald:Don/Donny Douglas:Doug Duncan Earl Edgar:Ed Edmund:Ed/Ned
Edward:Ed/Ted/Eddie Edwin:Ed Eliot Eric Ernest:Ernie Eugene:Gene Evan Felix Francis:Frank Franklin:Frank
Frederick:Fred/Freddie Gabriel:Gabe Gareth Geoffrey:Geoff George Gerald:Gerry/Jerry Gilbert:Gil Gordon
Graham Gregory:Greg Guy Harold:Harry/Hal Harrison:Harry Harvey Hector Henry:Harry/Hank Herbert:Herb
Howard:Howie Hugh:Hughie Hugo Ian Isaac:Ike Ivan Jack Jacob:Jake James:Jim/Jimmy/Jamie Jason:Jay
Jeffrey:Jeff Jeremy:Jem Jerome:Jerry Joel John:Johnny/Jack Jonathan:Jon/Jonny Joseph:Joe/Joey Joshua:Josh
Julian:Jules Justin Keith Kenneth:Ken/Kenny Kevin:Kev Kyle Laurence:Larry Leonard:Len/Leo Leo Lewis:Lew
Lionel Lloyd Louis:Lou Lucas:Luke Malcolm:Mal Marcus Mark Martin:Marty Matthew:Matt Maurice Maxwell:Max
Melvin:Mel Michael:Mike/Mick Miles Mitchell:Mitch Nathan:Nate Nathaniel:Nate/Nat Neil Nicholas:Nick/Nicky
Nigel Noah Norman:Norm Oliver:Ollie Oscar Oswald:Oz Owen Patrick:Pat/Paddy Paul Peter:Pete Philip:Phil
Quentin Ralph Raymond:Ray Reginald:Reg Richard:Rich/Rick/Dick Robert:Bob/Rob/Bobby Roderick:Rod Rodney:Rod
Roger Roland:Rollo Ronald:Ron/Ronnie Rory Roy Rupert Russell:Russ Samuel:Sam/Sammy Scott Sean Sebastian:Seb
Simon Spencer Stanley:Stan Stephen:Steve Stuart:Stu Terence:Terry Theodore:Ted/Theo Thomas:Tom/Tommy
Timothy:Tim Toby Trevor:Trev Victor:Vic Vincent:Vince Walter:Walt Warren Wesley:Wes Wilfred:Wilf
William:Bill/Will/Billy Zachary:Zach
"""
_FAMILIES = """
Abbott Adams Ainsley Alder Allen Anderson Archer Armstrong Ashby Atkins Bailey Baker Baldwin Ballard Barker
Barlow Barnes Barrett Barton Bates Baxter Beckett Bell Bennett Benson Birch Bishop Blackwell Blake Bolton
Booth Bowen Bradford Bradley Brennan Briggs Brooks Bryant Buckley Burgess Burke Burton Butler Byrne Caldwell
Calloway Campbell Carlisle Carlson Carpenter Carr Carroll Carson Carter Carver Chambers Chandler Chapman
Clarke Clayton Coleman Collins Connolly Cooper Corbett Cox Crawford Cross Cullen Curtis Dalton Davenport
Davis Dawson Delaney Dennison Dixon Donovan Douglas Drake Dugan Duncan Dunn Eaton Edwards Elliott Ellis
Emerson Erickson Evans Fairchild Farrell Ferguson Fields Finch Fisher Fleming Fletcher Flynn Forbes Foster
Fowler Franklin Fraser Freeman Frost Fuller Gallagher Gardner Garner Garrett Gibson Gilmore Goodwin Graves
Grayson Greene Greenwood Griffin Hale Hall Halloran Hamilton Hammond Hancock Hanson Harding Hargrove Harper
Harrington Harris Hartley Harvey Hastings Hawkins Hayes Henderson Higgins Hobbs Hodges Holbrook Holden
Holland Holloway Holmes Howell Hudson Hughes Hutchins Ingram Irving Jackson Jacobs Jansen Jarvis Jenkins
Jennings Johnson Jones Jordan Kane Keating Keller Kelley Kendall Kennedy Kerr Kirby Knight Lambert Lancaster
Larkin Larson Lawson Lennox Lindsay Lockwood Logan Lowell Lynch MacLean Maddox Malone Manning Marlow Marsh
Marshall Mason Maxwell McAllister McBride McCarthy McCoy McGraw McKenna McNeil Mercer Meredith Merritt
Middleton Miller Mitchell Monroe Montgomery Moore Morgan Morris Morrison Mullen Murphy Murray Nash Nelson
Newton Nolan Norris Norton O'Brien O'Connor O'Hara O'Neill Oakley Osborne Owens Paige Palmer Parker Parsons
Patterson Payne Pearson Pembroke Perkins Perry Phillips Porter Potter Powell Pratt Prescott Preston Quigley
Quinn Ramsey Randall Reed Reeves Reynolds Rhodes Richards Riley Roberts Robinson Rogers Rollins Rowland
Russell Sanders Savage Sawyer Schaefer Schmidt Sheldon Shepherd Sheridan Simmons Simpson Sinclair Slater
Smith Snyder Sommers Spencer Stafford Stanton Stevens Stewart Stokes Sullivan Sutherland Sutton Tanner Tate
Taylor Thatcher Thompson Thornton Tierney Todd Townsend Tucker Turner Tyler Underwood Vance Vaughn Wade
Wagner Walker Wallace Walsh Walters Warner Watkins Watson Watts Webb Webster Welch Weston Wheeler Whitaker
Whitfield Wilcox Wilkins Williams Willis Wilson Winslow Winters Wolfe Woodard Woodruff Wright Wyatt Yates
York Young
"""
CHINESE_FAMILIES = list(
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林高罗郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘于蒋蔡余杜叶程苏魏吕丁任沈姚卢姜崔钟谭陆汪范金石廖贾夏韦付方白邹孟熊秦邱江尹薛"
    "闫段雷侯龙史陶黎贺顾毛郝龚邵万钱严覃武戴莫孔向汤温康施文牛樊葛邢安齐易乔伍庞颜倪庄聂章鲁岳翟殷詹申"
)
CHINESE_GIVEN_WOMEN = list(
    "芳娜敏静丽娟艳霞秀玲桂英兰红梅燕萍雪琳婷慧莉琴云洁倩颖露瑶怡婵雁蓓荷蓉薇菁梦岚苑婕馨瑗琰韵融园艺咏卿"
    "聪澜纯爽琼淑惠珠翠雅芝玉萃纨仪荔妍茜媛倪彩春菊勤珍贞"
)
CHINESE_GIVEN_MEN = list(
    "伟强磊军洋勇杰涛超明刚平辉鹏华飞鑫波斌宇浩凯健俊帆帅旭宁龙林阳建国志文海山仁亮政谦亨奇固之轮翰朗伯宏"
    "言若鸣朋栋维启克伦翔晨辰士以家致树炎德行时泰盛雄琛钧冠策腾榕风航弘义诚厚毅"
)
_CITIES = """
Ashford 43011, Bellmont 43022, Brookhaven 43033, Cedar Falls 43044, Clearwater 43055, Dunmore 43066,
Eastfield 43077, Fairhaven 43088, Glenwood 43099, Harborview 43110, Kingsport 43121, Lakeside 43132,
Linden 43143, Maple Grove 43154, Millbrook 43165, Northgate 43176, Oakridge 43187, Pinehurst 43198,
Riverton 43209, Rosedale 43220, Silver Creek 43231, Stonebridge 43242, Westbrook 43253, Willow Park 43264
"""
_STREETS = """
Acorn Alder Arbor Aspen Autumn Bay Beech Birch Bluebell Briar Brook Canal Canyon Cedar Chapel Cherry
Chestnut Church Clover College Copper Coral Cottage Cypress Dogwood Elm Fern Forest Garden Grove Harbor
Hawthorn Hazelnut Heritage Hickory Highland Hill Hollow Ivy Juniper Lake Laurel Lilac Lincoln Locust
Magnolia Main Maple Market Meadow Mill Mulberry Oak Orchard Park Pearl Pine Plum Poplar Prairie Quarry Ridge
River Rosewood Sage School Spring Spruce Station Summit Sunset Sycamore Timber Tulip Union Valley Vine
Walnut Water Willow Windmill Woodland
"""
STREET_TYPES = ["Street", "Avenue", "Road", "Lane", "Drive", "Court", "Place", "Way"]
_COMPANIES = """
Alder Catering|Bluebird Cafe|Brightside Nursery|Canal Street Kitchen|Clover School Meals|Copper Pot Diner|
Fern & Fig|Golden Wok House|Harbor Community Center|Jade Garden Restaurant|Lakeside Inn|Lotus Tea Room|
Maple Day Care|Millbrook Hotel|Northgate Church Hall|Orchard Bakery|Pearl River Kitchen|
Riverton Seniors Club|Sunrise Bistro|Willow Care Home
"""
# Reserved for documentation (RFC 2606): no message can ever reach anyone.
MAIL_DOMAINS = ["example.com", "example.org", "example.net", "mail.example", "post.example", "inbox.example"]
WORK_DOMAINS = ["office.example", "works.example", "school.example", "clinic.example"]


def _words(text: str) -> list[str]:
    return [word.split(":")[0] for word in text.split()]


def _nicknames(text: str) -> dict[str, list[str]]:
    pairs = [word.split(":") for word in text.split() if ":" in word]
    return {name: nicknames.split("/") for name, nicknames in pairs}


WOMEN = np.array(_words(_WOMEN), dtype=object)
MEN = np.array(_words(_MEN), dtype=object)
FAMILIES = np.array(_words(_FAMILIES), dtype=object)
STREETS = np.array(_words(_STREETS), dtype=object)
NICKNAMES: dict[str, list[str]] = _nicknames(_WOMEN) | _nicknames(_MEN)
COMPANY_NAMES = np.array([name.strip() for name in _COMPANIES.replace("\n", "").split("|")], dtype=object)
_TOWNS = [town.strip().rsplit(" ", 1) for town in _CITIES.replace("\n", " ").split(",")]
CITY_NAMES = np.array([name for name, _ in _TOWNS], dtype=object)
CITY_POSTCODES = np.array([postcode for _, postcode in _TOWNS], dtype=object)
