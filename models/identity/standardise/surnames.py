"""Chinese family names with their readings, and how other spellings write them. Facts only, no rule."""

from __future__ import annotations

from .text import listed

# The most common family names, most common first (order settles which of two is the family name).
SURNAMES = (
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林高罗郑梁谢宋唐许韩邓冯曹彭曾肖田董潘袁蔡蒋余于杜叶程魏苏吕丁任卢姚沈钟姜崔谭"
    "陆范汪廖石金韦贾夏付方邹熊白孟秦邱侯江尹薛闫段雷龙黎史陶贺毛郝顾龚邵万覃武钱戴严莫孔向常汤康施文牛樊葛邢安齐易乔"
    "伍庞颜倪庄聂章鲁岳翟殷詹申耿关焦左柳甘祝包宁尚符舒阮柯纪梅童凌毕单季成裴霍涂苗曲盛翁冉路游辛靳管柴蒙鲍喻华祁房蒲"
    "滕萧屈饶解牟艾尤阳时穆农司古吉车项连芦欧麦褚娄窦戚岑景党宫费卜冷晏席卫米柏宗瞿桂全佟应臧闵苟邬边姬师和仇栾丘沙商"
    "寇荣巫郎桑丛甄敖虞仲池巩明佘查麻苑迟邝傅"
)
# Their readings as family names, in the same order: 曾 is zeng, 单 is shan.
SURNAME_READINGS = listed(
    "wang li zhang liu chen yang huang zhao wu zhou xu sun ma zhu hu guo he lin gao luo zheng liang xie song "
    "tang xu han deng feng cao peng zeng xiao tian dong pan yuan cai jiang yu yu du ye cheng wei su lu ding "
    "ren lu yao shen zhong jiang cui tan lu fan wang liao shi jin wei jia xia fu fang zou xiong bai meng qin "
    "qiu hou jiang yin xue yan duan lei long li shi tao he mao hao gu gong shao wan qin wu qian dai yan mo "
    "kong xiang chang tang kang shi wen niu fan ge xing an qi yi qiao wu pang yan ni zhuang nie zhang lu yue "
    "zhai yin zhan shen geng guan jiao zuo liu gan zhu bao ning shang fu shu ruan ke ji mei tong ling bi shan "
    "ji cheng pei huo tu miao qu sheng weng ran lu you xin jin guan chai meng bao yu hua qi fang pu teng xiao "
    "qu rao xie mou ai you yang shi mu nong si gu ji che xiang lian lu ou mai chu lou dou qi cen jing dang "
    "gong fei bo leng yan xi wei mi bai zong qu gui quan tong ying zang min gou wu bian ji shi he qiu luan "
    "qiu sha shang kou rong wu lang sang cong zhen ao yu zhong chi gong ming she zha ma yuan chi kuang fu"
)
COMPOUND_SURNAMES = listed(
    "欧阳 司马 上官 诸葛 东方 皇甫 尉迟 公孙 慕容 令狐 司徒 夏侯 端木 宇文 长孙 轩辕 钟离 "
    "闻人 澹台 赫连 独孤 南宫 西门 东郭 呼延 司空 太史 公冶 濮阳 淳于 单于 申屠 鲜于 闾丘 "
    "司寇 巫马 漆雕 乐正 拓跋 梁丘 左丘 完颜 纳兰 叶赫 公羊"
)
COMPOUND_READINGS = listed(
    "ouyang sima shangguan zhuge dongfang huangfu yuchi gongsun murong linghu situ xiahou duanmu yuwen "
    "zhangsun xuanyuan zhongli wenren tantai helian dugu nangong ximen dongguo huyan sikong taishi gongye "
    "puyang chunyu chanyu shentu xianyu luqiu sikou wuma qidiao yuezheng tuoba liangqiu zuoqiu wanyan nalan "
    "yehe gongyang"
)
# The everyday reading counts too: people and programs get these wrong.
EVERYDAY_READINGS = {
    "曾": "ceng",
    "覃": "tan",
    "翟": "di",
    "单": "dan",
    "解": "jie",
    "仇": "chou",
    "查": "cha",
    "尉迟": "weichi",
    "澹台": "dantai",
    "单于": "danyu",
    "乐正": "lezheng",
}

# Wade-Giles (Taiwan) and Cantonese (Hong Kong) spellings that can mean one family name only, and no pinyin syllable.
ROMANISED = {
    "hsieh": "xie", "hsu": "xu", "hsiao": "xiao", "hsiung": "xiong", "hsiang": "xiang", "tsai": "cai", "tseng": "zeng",
    "tsao": "cao", "kuo": "guo", "yeh": "ye", "teng": "deng", "chiang": "jiang", "chuang": "zhuang", "chien": "jian",
    "tsui": "cui", "tsou": "zou", "szu": "si", "jen": "ren", "shih": "shi", "tung": "dong", "ssuma": "sima",
    "cheung": "zhang", "leung": "liang", "kwok": "guo", "tsang": "zeng", "yip": "ye", "mak": "mai",
    "yeung": "yang", "tse": "xie", "kwan": "guan", "poon": "pan", "fung": "feng", "lau": "liu", "chow": "zhou",
    "chan": "chen", "ng": "wu", "tsoi": "cai", "choi": "cai", "chui": "xu", "yuen": "yuan",
    "szeto": "situ", "sito": "situ", "auyeung": "ouyang", "auyang": "ouyang", "kwong": "kuang", "mok": "mo",
    "tso": "cao", "siu": "xiao", "lui": "lu", "kwun": "guan", "fong": "fang", "hung": "hong",
}  # fmt: skip
# Wade-Giles syllables that are no pinyin and can mean one pinyin syllable only, with the apostrophe or without.
WADE_GILES = dict(
    entry.split(":")
    for entry in listed(
        "hsi:xi hsia:xia hsiang:xiang hsiao:xiao hsieh:xie hsien:xian hsin:xin hsing:xing hsiu:xiu hsiung:xiong hsu:xu "
        "hsuan:xuan hsueh:xue hsun:xun jen:ren jung:rong jui:rui jih:ri jo:ruo yueh:yue yeh:ye yen:yan shih:shi szu:si "
        "ssu:si erh:er lien:lian mien:mian nien:nian lieh:lie mieh:mie nieh:nie lueh:lue sung:song lung:long nung:nong "
        "hung:hong yung:yong lo:luo no:nuo so:suo ho:he i:yi"
    )
)
