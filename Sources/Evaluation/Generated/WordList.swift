import Documents

/// Words to scramble.
public enum WordList {
  /// English words of four to fifteen letters, from the most frequent of three novels in the public domain (Alice's Adventures in
  /// Wonderland, Pride and Prejudice, The Adventures of Sherlock Holmes), as they stand in at least two of them.
  public static let common: [String] = text.split(whereSeparator: \.isWhitespace).map(String.init)

  /// The words of a file, one a line.
  ///
  /// - Throws: `DataError` where none has four to fifteen letters.
  public static func read(_ path: String) throws -> [String] {
    let words = try FileContents.text(of: path).split(whereSeparator: \.isWhitespace).map(String.init)
    guard words.contains(where: { (6...15).contains($0.count) }) else {
      throw DataError(.badData, path: path, problem: "no word of six to fifteen letters, as scrambling needs them")
    }
    return words
  }

  private static let text = """
    able about above absence absolute absolutely accept accepted accomplished account acquaintance across action
    actually added address addressed admiration admire advantage advice advise affair affairs affected affection
    affectionate afraid after afternoon afterwards again against alarm alive allow allowed almost alone along aloud
    already also altogether always amiable amid among amusement anger angry another answer answered anxiety anxious
    anxiously anyone anything apology appear appearance appeared appears approached approaching arms arrival arrived
    ashamed asked asking asleep assistance assistant assurance assure assured astonished astonishment attached
    attempt attended attending attention attentions aunt authority avoid aware away awkward baby back ball bank bear
    beautiful beauty became because become been before began begged begin beginning begun behind being belief
    believe believed believing bell below beneath bent besides best better between beyond bird birds black blame
    blow blue body book books boots bore both bottle bottom bowed break breakfast breath bright bring bringing broad
    broke broken brother brought brown building business call called calling came cannot capable capital card cards
    care carefully carriage carried carry carrying case cases catch caught cause caused ceased centre certain
    certainly certainty chair chamber chance change changed character charge charming cheeks chief child children
    chin choice choose chose church circle circumstances civil claim clear cleared clearly clergyman clever close
    closed clothes clue coat coffee cold colonel colour coloured come comes comfort comfortable coming commission
    common communication companion company complete completely compliment conceal concern concerned concluded
    conclusion conduct confess confidence confusion connected connection consequence consider considerable
    consideration considered considering constant contempt contents continue continued contrary conversation
    conviction convinced cook corner could country couple courage course court cousin covered creature creatures
    credit cried cross crossed crowd crowded curiosity curious dance dancing danger dare dared dark darkness
    daughter days dead deal dear dearest death debts deceived decided declared deep deeply degree delicacy delicate
    delight delighted delightful depend description desire determine determined died difference different difficult
    difficulty dine dining dinner directed direction directions directly disagreeable disappointed disappointment
    discovered disgrace dislike disposition distance does doing done door doors double doubt down downstairs dozen
    draw drawing drawn dreadful dream dress dressed dressing drew drink drive driven drop dropped drove dull during
    duty each eager eagerly early earnest earnestly ears earth ease easily easy edge education effect eight either
    elder elegant else empty endeavour endeavoured engaged engagement enough enter entered entering entirely
    entrance envelope equal equally escape especially estate even evening event events ever every everybody
    everything evidence evident evidently evil exactly examination examined example exceedingly excellent except
    excited exclaimed excuse expect expected experience explain explained explanation expressed expression
    expressions extraordinary extreme extremely eyes face faced fact facts fair fall fallen false family fancy
    farther fashion fast father favour favourable favourite fear feared fears features feel feeling feelings feet
    fell fellow felt field fifty figure finally find finding fine finger fingers finished fire firm first fish
    fitted five fixed floor follow followed following follows fond foolish foot force forced forget forgotten form
    formed former fortnight fortunate fortune forward found four free frequent frequently fresh friend friends
    frightened from front full furniture further future gained game garden gave general generally gentleman
    gentlemen getting girl girls give given gives giving glad glance glanced glancing glass gloves goes going golden
    gone good goodness goose gown grass grateful gratitude grave gravely great greater greatest grew grey grieved
    ground grounds grow growing grown guard guess habit hair half hall hand handed hands handsome happen happened
    happiness happy hard hardly harm hastily have having head headed heads health hear heard hearing heart heartily
    heavy height held help here herself high highest highly himself hint history hold home honour hope hoped hopes
    horrible horror horse hour hours house housekeeper houses however human humour hundred hurried hurry hurt
    husband idea ideas ignorant imagine immediate immediately impatiently importance important impossible impression
    inclined income increased indeed indifferent influence information informed innocent inquire inquiries inquiry
    inside instance instant instantly instead instrument intelligence intended intention interest interested
    interesting interrupted intimate into introduce introduction investigation invitation invited itself join joined
    journey judge jury just justice keep kept kind kindly kindness knew know knowing knowledge known knows ladies
    lady laid lane large larger last late lately later latter laugh laughed laughing lawn lead learn learned learnt
    least leave leaves leaving left length less lest letter letters library life light like liked likely line lines
    lips listen listened listening little live lived lives living lock locked lodgings long longed longer look
    looked looking looks lose loss lost love loved lying madam made maid make makes making manage managed manner
    manners many mark marked marriage married marry marrying master match material matter matters mean meaning means
    meant meet meeting memory mention mentioned mere merely middle might miles mind mine minute minutes misfortune
    missing mistake mistaken mistress moment moments money month months moral more morning morrow most mother motive
    mouth moved moving much music must myself mystery name names narrative narrow natural naturally nature natured
    near nearer nearly necessary neck need neighbourhood neighbours neither nervous never news next nice niece night
    nine noble nobody none nonsense nose note nothing notice noticed number object objection objections obliged
    observation observe observed observing obvious occasion occasionally occurred offended offer offered office
    officers often once ones only open opened opening opinion opportunity opposite order ordered other others
    otherwise ought ourselves outside over paid pain painful pair pale paper papers pardon park part parted
    particular particularly particulars parties partner party pass passage passed passing passion past path patience
    pause peculiar people perceived perfect perfectly perhaps person persuade persuaded picked picture piece pity
    place placed places plain plainly plan play playing pleasant please pleased pleasing pleasure pocket point
    pointed pointing points pool poor position possession possibility possible possibly post pounds power practice
    pray precious prefer presence present press pressing presume pretty prevent pride principal private probable
    probably produced profession promise promised proof proper property prospect proud prove proved public pulled
    purpose putting puzzled quarter queer quest question questions quick quiet quietly quite rain raised rank rate
    rather reach reached read readily reading ready real really reason reasonable reasons receive received receiving
    recommend recovered refuse refused regard regret relation relations relief remain remained remark remarkable
    remarkably remarked remarks remember remembered removed repeat repeated replied reply report request resentment
    resolution resolved respect respectable rest result return returned returning rich right ring rising road roof
    room rooms rose round running rushed safe said sake same satisfaction satisfied satisfy save saying says scene
    search seat seated second secrecy secret secure seeing seem seemed seems seen seldom self send sense sensible
    sent sentence serious seriously servant servants settle settled seven several shaking shall share sharp sheet
    shining shoes shook short shortly should shoulder shoulders shouted show showed showing shown shut side sides
    sight sign signs silence silent silly simple since single singular sister sisters sitting situation size sleep
    slight slipped slowly small smallest smile smiled smiling smoke society some somebody someone something
    sometimes somewhat somewhere soon sooner sorry sort sound spare speak speaking speech spend spent spirits spite
    spoke spoken sprang stairs stand standing start started state statement station stay staying steady step steps
    still stone stood stop stopped story strange stranger street streets strength stretched strike strong strongly
    struck study style subject succeeded success such sudden suddenly suffer suggested suit summer sunk superior
    supper suppose supposed sure surprise surprised suspicion sweet table tail take taken takes taking talk talked
    talking tall taste taught tears tell telling temper terms than thank thanks that their them themselves then
    there therefore these they thick thin thing things think thinking third thirty this thoroughly those though
    thought thoughts thousand three threw through throw throwing thrown thus till time times tired together told
    tone took towards town traces train tree trees tried trouble true trust truth trying turn turned turning twelve
    twenty twice unable uncle uncomfortable under understand understanding understood undoubtedly unfortunate
    unhappy unknown unless unpleasant until upon used useful usual usually utmost vague vain valuable value vanished
    ventured very view views village violence violent visit visitor visitors voice wait waited waiting walk walked
    walking want wanted wants watch watched watching water ways weak weary wedding week weeks weight welcome well
    went were what whatever when whenever where whether which while whisper whispered white whole whom whose wife
    wild will wind window windows winter wish wished wishes wishing with within without witness woman women wonder
    wondering wood wooden woods word words work world worn worse worth would wretched write writing written wrong
    wrote year years yesterday young younger your yours yourself youth
    """
}
