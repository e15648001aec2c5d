"""What customers write and say, in English and Chinese: parts per topic and mood, put together by draws."""

from collections.abc import Callable

import numpy as np

from demo_company.columns import pick

# topic: (English subjects, English sentences, Chinese subjects, Chinese sentences)
TOPICS: dict[str, tuple[str, str, str, str]] = {
    "product quality": (
        "Not fresh|Quality of your food|Spoiled again|Bad quality",
        "The milk I bought on Saturday was sour although it was in date."
        "|Half of the strawberries were rotten under the label."
        "|The bread had mould the next morning.|The chicken smelled off when I opened the pack."
        "|Third time this month that the salad was brown at the bottom.",
        "食品不新鲜|质量问题|又买到坏的|食品质量",
        "周六买的牛奶还没过期就酸了。|草莓下面一半都是烂的。|面包第二天早上就发霉了。"
        "|鸡肉一打开就有怪味。|这个月第三次买到发黄的生菜了。",
    ),
    "billing": (
        "My receipt is wrong|Wrong amount|Billing|Money back",
        "I was charged twice for the same basket.|The shelf said 2.99 and the till said 3.79."
        "|The refund you promised has not arrived on my card."
        "|My receipt shows an item that I never bought.",
        "小票有误|金额不对|账单问题|要求退款",
        "同一单被扣了两次钱。|货架上写2.99，结账却是3.79。|答应的退款一直没有到账。|小票上有我没买的东西。",
    ),
    "coupons": (
        "Coupon problem|Discount missing|My coupon",
        "The coupon from your letter was refused at the till."
        "|The discount was not taken off although I bought two."
        "|The coupon in the e-mail had already expired when it came.",
        "优惠券问题|折扣没有算|我的优惠券",
        "你们寄来的优惠券收银台不收。|买了两件却没有打折。|邮件里的优惠券收到时已经过期了。",
    ),
    "loyalty points": (
        "My card|Loyalty card|Points and card",
        "My points from last week are missing.|I lost my card and would like to keep my points."
        "|My card still shows my old address.|I have two cards, please put the points together.",
        "我的会员卡|会员卡问题|积分和会员卡",
        "上周的积分没有到账。|我的会员卡丢了，想保留积分。|会员卡上还是旧地址。|我有两张卡，请把积分合并。",
    ),
    "store staff": (
        "Bad service|Your staff|Service in the store",
        "The cashier was rude to my mother.|Only one till was open and I waited twenty minutes."
        "|Nobody at the service desk could help me.|The staff at the counter ignored us.",
        "服务差|你们的员工|门店服务",
        "收银员对我母亲很不礼貌。|只开了一个收银台，等了二十分钟。|服务台没有人能解决问题。|柜台的员工根本不理我们。",
    ),
    "stock": (
        "Out of stock|Not available|Sold out again",
        "The offer of the week was sold out on Monday morning.|The shelves were empty again on Sunday."
        "|You no longer carry the coffee that I always buy.",
        "总是缺货|货架空了|促销商品没有货",
        "本周特价周一早上就卖完了。|周日货架又是空的。|我常买的咖啡你们不卖了。",
    ),
    "website": (
        "App and website|Website problem|Technical problem",
        "I cannot log in since the update.|The app closes when I open my shopping list."
        "|The checkout page stays white on my phone.",
        "网站和应用|网站问题|技术问题",
        "更新以后我登录不了。|一打开购物清单应用就闪退。|手机上结账页面一片空白。",
    ),
    "question": (
        "A question|Question about your store|Information please",
        "Are you open on the holiday?|Do you have gluten free pasta in the store near the station?"
        "|Can I use a gift card together with coupons?|Do you deliver to the new housing at the lake?",
        "咨询|想问一下|请问",
        "节假日开门吗？|车站旁边的店有无麸质面条吗？|礼品卡可以和优惠券一起用吗？|湖边的新小区能送货吗？",
    ),
    "praise": (
        "Thank you|Great service|Lovely bakery",
        "The lady at the bakery was very kind and helped me find everything."
        "|The new vegetable section is wonderful."
        "|Checkout was quick and friendly.|The cheese you recommended was a success with our guests.",
        "谢谢|服务很好|面包店很棒",
        "面包柜台的女士非常热情，帮我找齐了所有东西。|新的蔬菜区太好了。|结账又快又友好。|推荐的奶酪客人都很喜欢。",
    ),
}
COMPLAINTS = ("product quality", "billing", "coupons", "store staff", "stock")
_OPENINGS = {
    "en": "Hello, |Hi, |Good morning. |Dear team, |To whom it may concern: ||",
    "zh": "你好，|您好，|早上好，|客服你好，||",
}
_ENDINGS = {
    ("en", "angry"): " This is not acceptable.| I am very disappointed.| I want my money back."
    "| If this happens again I will shop elsewhere.| I have been a customer for years and I am fed up."
    "| The other store down the road does this better.",
    ("en", "calm"): " Could you look into it?| Please let me know.| Thank you for your help."
    "| Not a big thing, but worth knowing.|",
    ("en", "happy"): " Keep it up!| Thank you so much.| We will be back on Saturday.| Best store in town.",
    ("zh", "angry"): "太让人失望了。|我要求退款。|再这样我就去别家买了。|多年的老顾客了，真的受够了。"
    "|完全不能接受。|隔壁超市做得好多了。",
    ("zh", "calm"): "麻烦看一下。|请回复我。|谢谢帮忙。|小问题，说一声。|",
    ("zh", "happy"): "继续加油！|非常感谢。|周六还会再来。|镇上最好的超市。",
}
_AGENT = {
    "en": (
        "Thank you for calling, how can I help?|Customer service, good day.",
        "I am sorry to hear that. I will look it up.|Let me check that for you.|I understand. One moment please.",
        "I have noted it and sent it to the store.|I have put ten dollars on your card."
        "|You will get an e-mail from us today.",
    ),
    "zh": (
        "感谢来电，请问有什么可以帮您？|您好，客户服务中心。",
        "非常抱歉，我马上查一下。|我帮您查一下。|明白了，请稍等。",
        "已经记录并转给门店了。|已经在您的卡上补了十美元。|今天会给您发邮件。",
    ),
}
_SURVEY = {
    ("en", "angry"): "Too expensive lately.|Long queues, few staff.|Quality went down."
    "|My complaint was never answered.|Shelves half empty.",
    ("en", "calm"): "It is okay.|Prices could be better.|Mostly fine.|Good choice, slow tills.",
    ("en", "happy"): "Friendly staff and fresh food.|I always find what I need.|Love the bakery.|Great offers.",
    ("zh", "angry"): "最近太贵了。|排队太久，员工太少。|质量下降了。|投诉没人回复。|货架一半是空的。",
    ("zh", "calm"): "还可以。|价格可以再低一点。|总体还行。|品种多，结账慢。",
    ("zh", "happy"): "员工友好，食品新鲜。|总能找到需要的东西。|喜欢面包店。|优惠很大。",
}
_COMPETITORS = "Fresh Barn|Dollar Cart|Green Basket"


def _parts(text: str) -> list[str]:
    return text.split("|")


def _by(draws: np.random.Generator, keys: list[np.ndarray], choose: Callable[..., list[str]]) -> np.ndarray:
    """For every distinct combination of keys a draw from the parts that `choose` gives for it."""
    size = len(keys[0])
    joined = np.array(["\t".join(row) for row in zip(*keys, strict=True)], dtype=object)
    made = np.full(size, "", dtype=object)
    for key in sorted(set(joined)):
        rows = np.flatnonzero(joined == key)
        made[rows] = pick(draws, choose(*key.split("\t")), len(rows))
    return made


def mood_word(draws: np.random.Generator, unhappy: np.ndarray, topic: np.ndarray) -> np.ndarray:
    """angry, calm or happy: by the topic and how unhappy the household is."""
    angry = np.isin(topic, COMPLAINTS) & (draws.random(len(topic)) < 0.30 + 0.65 * unhappy)
    return np.select([topic == "praise", angry], ["happy", "angry"], "calm").astype(object)


def _choice(chinese: int, english: int) -> Callable[[str, str], list[str]]:
    return lambda topic, spoken: _parts(TOPICS[topic][chinese if spoken == "zh" else english])


def subjects(draws: np.random.Generator, topic: np.ndarray, language: np.ndarray) -> np.ndarray:
    """The subject line of a ticket."""
    return _by(draws, [topic, language], _choice(2, 0))


def sentences(draws: np.random.Generator, topic: np.ndarray, language: np.ndarray) -> np.ndarray:
    """One sentence on the topic."""
    return _by(draws, [topic, language], _choice(3, 1))


def messages(draws: np.random.Generator, topic: np.ndarray, language: np.ndarray, mood: np.ndarray) -> np.ndarray:
    """A whole message: opening, what happened, and how it ends."""
    opening = _by(draws, [language], lambda spoken: _parts(_OPENINGS[spoken]))
    return opening + sentences(draws, topic, language) + endings(draws, language, mood)


def endings(draws: np.random.Generator, language: np.ndarray, mood: np.ndarray) -> np.ndarray:
    """The last sentence, by mood; sometimes empty."""
    return _by(draws, [language, mood], lambda spoken, feeling: _parts(_ENDINGS[spoken, feeling]))


def agent_lines(draws: np.random.Generator, language: np.ndarray, nth: int) -> np.ndarray:
    """What the agent of a call says at the start (0), in the middle (1) and at the end (2)."""
    return _by(draws, [language], lambda spoken: _parts(_AGENT[spoken][nth]))


def comments(draws: np.random.Generator, language: np.ndarray, mood: np.ndarray) -> np.ndarray:
    """A free-text answer of a survey."""
    return _by(draws, [language, mood], lambda spoken, feeling: _parts(_SURVEY[spoken, feeling]))


def competitors(draws: np.random.Generator, size: int) -> np.ndarray:
    """Names of invented competitors."""
    return pick(draws, _parts(_COMPETITORS), size)
